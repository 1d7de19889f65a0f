import { registry } from '../activities/components.ts';
import { sourceOf } from '../activities/own/load.ts';
import { didYouMean } from '../plan/suggest.ts';
import { componentView, detailLines, listLines } from './components-view.ts';
import { CommandFailure } from './failure.ts';
import { printJson } from './output.ts';

/**
 * Prints all components, or the one called `name` (or by its type) with the keys of its configs.
 * @throws CommandFailure when there is no such component.
 */
export function listComponents(name: string | undefined, { json = false }: { json?: boolean }): void {
  const chosen = name === undefined ? registry : registry.filter(spec => spec.name === name || spec.type === name);
  if (chosen.length === 0) {
    const known = registry.flatMap(spec => [spec.name, ...(spec.type === undefined ? [] : [spec.type])]);
    throw new CommandFailure(`there is no component ${name}; ${didYouMean(name ?? '', known)}`);
  }
  const views = chosen.map(spec =>
    componentView(spec, { from: sourceOf(spec.name) ?? null, runs: spec.notRunnable === undefined }),
  );
  if (json) {
    printJson(views);
    return;
  }
  const lines = name === undefined ? listLines(views, process.stdout.columns ?? 160) : views.flatMap(detailLines);
  for (const line of lines) console.log(line);
}
