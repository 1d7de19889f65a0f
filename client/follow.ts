import type { Server } from './connect.ts';
import { EXIT } from './failure.ts';
import { onInterruption } from './interruption.ts';
import { type Watched, watch } from './live-terminal.ts';
import type { ViewSize } from './live-view.ts';
import { paintFor } from './paint.ts';
import { isOpen } from './snapshot.ts';

/** A kind of run, trials, sweeps or studies, as it is watched until its end. */
export interface Followed<S extends { status: string }> {
  name: string;
  /** The command that stops it, before its id. */
  stop: string;
  /** @throws CommandFailure when there is no such run. */
  observe: (server: Server, id: string) => Promise<S>;
  /** The same, or `last` with what is wrong, while the server is away. */
  observeOrWait: (server: Server, id: string, last: S) => Promise<S>;
  live: Watched<S>['live'];
  /** Made anew for each watching: it tells what is new since it was last asked. */
  plain: () => { lines: (seen: S) => string[] };
  /** Milliseconds between two looks. */
  every: number;
  /** What came of it. */
  summary: (seen: S, size: FinalSize) => string[] | Promise<string[]>;
  state: (seen: S) => string;
  json: (seen: S) => object;
}

/** Where nothing is cut for its height. */
export type FinalSize = Required<Pick<ViewSize, 'width' | 'paint'>>;

export interface FollowOptions {
  /** Where the view goes; default stdout. */
  stream?: NodeJS.WriteStream | undefined;
  /** Ends the watching; default Ctrl-C and the like. */
  signal?: AbortSignal | undefined;
}

/** Wide enough for every column, where the output has no width of its own. */
const NO_TERMINAL = 200;

/** Watches a run until it ends, then says what came of it; Ctrl-C only stops watching. Returns the exit code: 0 done, 1 failed or stopped. */
export async function follow<S extends { status: string }>(
  kind: Followed<S>,
  server: Server,
  id: string,
  options: FollowOptions = {},
): Promise<number> {
  const { stream = process.stdout } = options;
  const interruption = options.signal ? null : onInterruption();
  const plain = kind.plain();
  const watched: Watched<S> = {
    look: last => (last ? kind.observeOrWait(server, id, last) : kind.observe(server, id)),
    isOver: ({ status }) => !isOpen(status),
    live: kind.live,
    plain: seen => plain.lines(seen),
    every: kind.every,
  };
  const signal = options.signal ?? interruption!.signal;
  const seen = await watch(watched, stream, signal).finally(() => interruption?.close());
  if (isOpen(seen.status)) {
    stream.write(`\nThe ${kind.name} goes on. ${whatNow(kind, id)}\n`);
    return EXIT.interrupted;
  }
  const size = { width: stream.columns ?? NO_TERMINAL, paint: paintFor(stream) };
  for (const line of await kind.summary(seen, size)) stream.write(`${line}\n`);
  stream.write(`\nAs a page to look at or to send: dj-sandbox report ${id}\n`);
  return exitCodeOf(kind, seen);
}

/** 0 when a run is done, 1 when it failed or was stopped. */
export function exitCodeOf<S extends { status: string }>(kind: Followed<S>, seen: S): number {
  return kind.state(seen) === 'done' ? EXIT.done : EXIT.failed;
}

/** How to see more of a run that goes on, and to end it. */
export function whatNow<S extends { status: string }>({ stop }: Followed<S>, id: string): string {
  return `Watch it: dj-sandbox watch ${id}   Stop it: ${stop} ${id}`;
}
