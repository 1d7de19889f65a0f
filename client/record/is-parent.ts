import { CommandFailure } from '../failure.ts';

/** What to say where a trial is asked for and the id is that of a sweep or study. `trials`: ids of trials that there are. */
export function isParent(id: string, kind: string, trials: readonly string[]): CommandFailure {
  const own = trials.filter(name => name.startsWith(`${id}.trial-`)).sort((a, b) => numberOf(a) - numberOf(b));
  const named = own.length > 1 ? `${own[0]} to ${own.at(-1)}` : (own[0] ?? `${id}.trial-1`);
  return new CommandFailure(`${id} is a ${kind}: name one of its trials, ${named}`);
}

const numberOf = (name: string) => Number(/(\d+)$/.exec(name)?.[1] ?? 0);
