import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { manifestPath } from '../../runtime/job-dir.ts';
import type { JobBench } from './job-bench.ts';
import { outcomeOf } from './outcome.ts';

/** Its manifest is what it declares: as many results, files that are there, numbers that are numbers. */
export async function publishes(bench: JobBench): Promise<void> {
  const { results, metrics, files, writes, notes } = await bench.published();
  const declared = bench.under.component.results;
  assert.equal(results.length, declared.length, `declared results: ${JSON.stringify(declared)}`);
  for (const [i, result] of results.entries()) {
    const as = declared[i]!;
    if ('write' in as) assert.equal(result.kind, 'path', `result ${i + 1} is the path at ${as.write}`);
    const paths = result.kind === 'path' ? [result.path] : result.kind === 'paths' ? result.paths : [];
    for (const path of paths)
      assert.ok(await isThere(bench, path), `result ${i + 1} names ${path}, which is not there`);
  }
  for (const [name, value] of Object.entries(metrics))
    assert.ok(Number.isFinite(value), `metric ${name} is ${value}, no finite number`);
  for (const { path } of files) assert.ok(await isThere(bench, path), `${path} is in the manifest and not there`);
  for (const { at } of bench.job.writes) assert.ok(at in writes, `nothing is published for ${at}`);
  for (const note of notes) assert.match(note, /^[^\n]+$/, 'a note is one line');
}

async function isThere({ dir }: JobBench, path: string): Promise<boolean> {
  const found = await stat(resolve(dir, path)).catch(() => null);
  return found !== null;
}

/** Published once: whoever comes later finds it, and not a byte changes. */
export async function isFoundDone(bench: JobBench): Promise<void> {
  await bench.published();
  const before = await readFile(manifestPath(bench.dir), 'utf8');
  const { component, runs } = counted(bench);
  const done = await bench.attempt({ component, trial: 'later' });
  assert.equal(runs(), 0, 'a published job was run again');
  assert.equal(done.reused, true);
  assert.equal(await readFile(manifestPath(bench.dir), 'utf8'), before);
}

/** Needed twice at once it is run once, and its result is what it was before that was lost. */
export async function runsOnce(bench: JobBench): Promise<void> {
  const before = outcomeOf(await bench.published(), bench.under.varies ?? false);
  await bench.forget();
  const { component, runs } = counted(bench);
  const ends = await Promise.all(['one', 'other'].map(trial => bench.attempt({ component, trial })));
  assert.equal(runs(), 1, 'two trials that needed the job at once both ran it');
  assert.deepEqual(ends[0]!.results, ends[1]!.results);
  assert.deepEqual(outcomeOf(await bench.manifest(), bench.under.varies ?? false), before);
}

function counted({ under: { component } }: JobBench) {
  let runs = 0;
  const counting = {
    ...component,
    run: (run: Parameters<typeof component.run>[0]) => {
      runs += 1;
      return component.run(run);
    },
  };
  return { component: counting, runs: () => runs };
}
