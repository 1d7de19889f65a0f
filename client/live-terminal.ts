import { setTimeout as sleep } from 'node:timers/promises';
import { Ansis } from 'ansis';
import { createLogUpdate } from 'log-update';
import type { Server } from './connect.ts';
import { liveLines } from './live-view.ts';
import { observe, observeOrWait } from './observe.ts';
import { PlainView } from './plain-view.ts';
import { isOpen, type Snapshot } from './snapshot.ts';
import { clip } from './text.ts';

const POLL_MS = 500;

/** Colours as the terminal allows: none with NO_COLOR or where the output is no terminal. */
export function paintFor(stream: NodeJS.WriteStream): Ansis {
  return process.env.NO_COLOR || !stream.isTTY ? new Ansis(0) : new Ansis();
}

let say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Says a line on stderr, or above the view while one is shown, which it would tear. */
export function sayAside(line: string): void {
  say(line);
}

/**
 * Shows a trial on `stream` until it ends or `signal` is aborted, and returns what was seen last.
 * Survives a server that is away: says so and keeps trying.
 * @throws CommandFailure when there is no such trial.
 */
export async function watchTrial(
  server: Server,
  id: string,
  stream: NodeJS.WriteStream,
  signal: AbortSignal,
): Promise<Snapshot> {
  const screen = stream.isTTY ? redrawn(stream) : appended(stream);
  try {
    let snapshot = await observe(server, id);
    screen.show(snapshot);
    while (isOpen(snapshot.status) && !signal.aborted) {
      await sleep(POLL_MS, undefined, { signal }).catch(() => {});
      if (signal.aborted) break;
      snapshot = await observeOrWait(server, id, snapshot);
      screen.show(snapshot);
    }
    return snapshot;
  } finally {
    screen.end();
  }
}

interface Screen {
  show: (snapshot: Snapshot) => void;
  end: () => void;
}

function redrawn(stream: NodeJS.WriteStream): Screen {
  const update = createLogUpdate(stream);
  const paint = paintFor(stream);
  const before = say;
  say = line => update.persist(clip(line, stream.columns ?? 80));
  return {
    show: snapshot => {
      const size = { width: stream.columns ?? 80, height: stream.rows ?? 24, paint };
      update(liveLines(snapshot, size).join('\n'));
    },
    end: () => {
      say = before;
      update.done();
    },
  };
}

function appended(stream: NodeJS.WriteStream): Screen {
  const view = new PlainView();
  return {
    show: snapshot => {
      for (const line of view.lines(snapshot)) stream.write(`${line}\n`);
    },
    end: () => {},
  };
}
