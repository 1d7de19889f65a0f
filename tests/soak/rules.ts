import type { Played } from './ledger.ts';

/** Two clock readings of different processes. */
const CLOCK_SECONDS = 0.005;

/** Two processes never work on a job at the same time. */
export function oneAtATime(played: readonly Played[]): string[] {
  return played.slice(1).flatMap((next, i) => {
    const one = played[i]!;
    if (next.started >= one.last - CLOCK_SECONDS) return [];
    return [
      `processes ${one.pid} and ${next.pid} worked at the same time, for ${(one.last - next.started).toFixed(2)} s`,
    ];
  });
}

/** Every process does step after step, from a state that an undisturbed training has at that step; all steps are done. */
export function stepsInOrder(played: readonly Played[], chain: readonly string[]): string[] {
  const wrong = played.flatMap(({ pid, from, steps }) =>
    steps.flatMap(({ step, digest }, i) => {
      if (step !== from + i + 1) return [`process ${pid} did step ${step} after ${from + i}`];
      return digest === chain[step]
        ? []
        : [`process ${pid} was at step ${step} in another state than an undisturbed training`];
    }),
  );
  const done = new Set(played.flatMap(({ steps }) => steps.map(({ step }) => step)));
  const never = chain.flatMap((_, step) => (step === 0 || done.has(step) ? [] : [`step ${step} was never done`]));
  return [...wrong, ...never];
}

/** Steps that each process had done and the next one did again. */
export function lostOf(played: readonly Played[]): number[] {
  return played.slice(1).map(({ from }, i) => {
    const before = played[i]!;
    return Math.max(0, (before.steps.at(-1)?.step ?? before.from) - from);
  });
}

/** Videos that were made although they were there. */
export function madeAgain(played: readonly Played[]): string[] {
  const made = played.flatMap(({ videos }) => videos);
  return made.filter((video, i) => made.indexOf(video) < i).map(video => `${video} was made again`);
}

/**
 * The metrics (steps with a loss, by segment) have each step that a process did once; one that was killed between doing and telling may lack
 * its last.
 */
export function stepsTold(segments: ReadonlyMap<number, readonly number[]>, played: readonly Played[]): string[] {
  const told = [...segments];
  const worked = played.filter(({ steps }) => steps.length > 0).map(({ steps }) => steps.map(({ step }) => step));
  const wrong = worked.flatMap((steps, i) => {
    const isLast = i === worked.length - 1;
    const [segment, lines] = told[0] ?? [0, []];
    // It did one step and died before telling it: the lines are the next process's.
    if (!isLast && steps.length === 1 && lines[0] !== steps[0]) return [];
    told.shift();
    if (lines.join() === steps.join() || (!isLast && lines.join() === steps.slice(0, -1).join())) return [];
    return [`segment ${segment} tells of steps ${spans(lines)}, its process did ${spans(steps)}`];
  });
  return [
    ...wrong,
    ...told.map(([segment, lines]) => `segment ${segment} tells of steps ${spans(lines)} that nobody did`),
  ];
}

/** `1–7, 5–9`. */
function spans(steps: readonly number[]): string {
  const found: [number, number][] = [];
  for (const step of steps) {
    const last = found.at(-1);
    if (last && step === last[1] + 1) last[1] = step;
    else found.push([step, step]);
  }
  return found.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ') || 'none';
}
