import { setTimeout as sleep } from 'node:timers/promises';
import { createLogUpdate } from 'log-update';
import type { ViewSize } from './live-view.ts';
import { paintFor } from './paint.ts';
import { clip } from './text.ts';

let say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Says a line on stderr, or above the view while one is shown, which it would tear. */
export function sayAside(line: string): void {
  say(line);
}

/** Something to look at again and again until it is over. */
export interface Watched<S> {
  /** One look; `last` is what was seen before, null at first. Survives a server that is away, but for the first time. */
  look: (last: S | null) => Promise<S>;
  isOver: (seen: S) => boolean;
  /** All of it, for a terminal. */
  live: (seen: S, size: Required<ViewSize>) => string[];
  /** What is new, for a log. */
  plain: (seen: S) => string[];
  /** Milliseconds between two looks. */
  every: number;
}

/** Shows something on `stream` until it is over or `signal` is aborted, and returns what was seen last. */
export async function watch<S>(watched: Watched<S>, stream: NodeJS.WriteStream, signal: AbortSignal): Promise<S> {
  const screen = stream.isTTY ? redrawn(stream, watched.live) : appended(stream, watched.plain);
  try {
    let seen = await watched.look(null);
    screen.show(seen);
    while (!watched.isOver(seen) && !signal.aborted) {
      await sleep(watched.every, undefined, { signal }).catch(() => {});
      if (signal.aborted) break;
      seen = await watched.look(seen);
      screen.show(seen);
    }
    return seen;
  } finally {
    screen.end();
  }
}

interface Screen<S> {
  show: (seen: S) => void;
  end: () => void;
}

function redrawn<S>(stream: NodeJS.WriteStream, lines: Watched<S>['live']): Screen<S> {
  const update = createLogUpdate(stream);
  const paint = paintFor(stream);
  const before = say;
  say = line => update.persist(clip(line, stream.columns ?? 80));
  return {
    show: seen => {
      const size = { width: stream.columns ?? 80, height: stream.rows ?? 24, paint };
      update(lines(seen, size).join('\n'));
    },
    end: () => {
      say = before;
      update.done();
    },
  };
}

function appended<S>(stream: NodeJS.WriteStream, lines: Watched<S>['plain']): Screen<S> {
  return {
    show: seen => {
      for (const line of lines(seen)) stream.write(`${line}\n`);
    },
    end: () => {},
  };
}
