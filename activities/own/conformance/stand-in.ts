import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Component, JobResult, JobRun } from '../../component.ts';
import { defineComponent } from '../define-component.ts';

/** An earlier job that provides what a component needs, from files that are there. */
export function standIn(
  needs: Record<string, string>,
): Component & { provide: (run: JobRun, folder: string) => Promise<JobResult> } {
  const names = Object.keys(needs);
  const component = defineComponent({
    name: 'conformance.stand-in',
    hook: 'ConformanceStandInHook',
    summary: 'Provides what the component under test needs.',
    provides: names,
    results: [],
    run: async () => ({ results: [] }),
  });
  return {
    ...component,
    async provide({ out }, folder) {
      for (const [name, file] of Object.entries(needs)) await copyFile(join(folder, file), join(out, name));
      return { results: [], provides: Object.fromEntries(names.map(name => [name, join(out, name)])) };
    },
  };
}
