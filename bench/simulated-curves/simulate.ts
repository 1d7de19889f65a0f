import { rungSteps, toFinish, toPromote, toStop, waitsAtRungs } from '../../plan/sweep/early-termination.ts';
import type { EarlyTerminate, Rungs } from '../../plan/sweep/types.ts';
import { UNITS, type World } from './world.ts';

const WORKERS = 8;

/** What came of a sweep over a world. */
export interface Outcome {
  /** Units that all had trained when a configuration within 1% of the best had been trained to its end; null: none was. */
  found: number | null;
  /** Units until everything had ended. */
  total: number;
  /** By how much the best that was trained to its end is worse than the best there is, as a share of that. */
  regret: number;
}

/** A trial that trains from `from` units to `to`. */
interface Segment {
  trial: number;
  from: number;
  to: number;
  /** Of the simulated clock. */
  began: number;
  ends: number;
}

/**
 * A sweep of eight workers over a world in simulated time, decided by the functions that decide real sweeps: who is promoted goes on before
 * anybody new begins, and who is stopped ends in the middle of what it trains.
 */
export function simulate(world: World, spec: EarlyTerminate | null): Outcome {
  const least = Math.min(...world.final);
  const ends = [...(spec ? rungSteps(spec).filter(step => step < UNITS) : []), UNITS];
  const rungs: Rungs = ends.slice(1).map(() => []);
  const running = new Map<number, Segment>();
  const waiting = new Set<number>();
  const best = new Map<number, number>();
  let [begun, now, settled, reached] = [0, 0, 0, Infinity];
  let found: number | null = null;

  const begin = (trial: number, rung: number) => {
    const [from, to] = [ends[rung - 1] ?? 0, ends[rung]!];
    running.set(trial, { trial, from, to, began: now, ends: now + (to - from) * world.pace[trial - 1]! });
  };
  const trained = ({ trial, from, to, began }: Segment) =>
    Math.min(to - from, Math.floor((now - began) / world.pace[trial - 1]! + 1e-9));
  const end = (trial: number) => {
    settled += trained(running.get(trial)!);
    running.delete(trial);
  };
  const fill = () => {
    while (running.size < WORKERS) {
      const last = begun === world.final.length && running.size === 0 && reached === Infinity;
      const next =
        spec &&
        (toPromote(spec, 'minimize', rungs, waiting) ?? (last ? toFinish(spec, 'minimize', rungs, waiting) : null));
      if (next) {
        waiting.delete(next.trial);
        begin(next.trial, next.rung + 1);
      } else if (begun < world.final.length) begin(++begun, 0);
      else return;
    }
  };

  for (fill(); running.size > 0; fill()) {
    const { trial, to, ends: at } = [...running.values()].reduce((a, b) => (b.ends < a.ends ? b : a));
    now = at;
    end(trial);
    if (to === UNITS) {
      reached = Math.min(reached, world.final[trial - 1]!);
      if (reached <= 1.01 * least) {
        found ??= [...running.values()].reduce((sum, segment) => sum + trained(segment), settled);
      }
      continue;
    }
    const rung = ends.indexOf(to);
    const value = world.seen[trial - 1]![to - 1]!;
    best.set(trial, Math.min(value, best.get(trial) ?? value));
    rungs[rung]!.push({ trial, value, best: best.get(trial)! });
    if (waitsAtRungs(spec!)) waiting.add(trial);
    else {
      begin(trial, rung + 1);
      for (const stopped of toStop(spec!, 'minimize', rungs, new Set(running.keys()))) end(stopped.trial);
    }
  }
  return { found, total: settled, regret: reached / least - 1 };
}
