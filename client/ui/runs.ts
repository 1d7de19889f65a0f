// All runs that pages show: those on disk and those of the server, looked at again as they grow old.
import { safeName } from '../../activities/runtime/safe-name.ts';
import type { RunRow } from '../record/runs/run-row.ts';
import { nothingSeen, runsOnDisk } from '../record/runs/runs-on-disk.ts';
import type { TrialRow } from '../trials.ts';
import { ELSEWHERE, type Place, placeOf } from './places.ts';

/** A look is not repeated within this time, or five times as long as it took: with 10,000 trials a look costs something. */
const DISK_EVERY_MS = 2_000;
const SERVER_EVERY_MS = 4_000;
const WORK_DIRS_EVERY_MS = 30_000;
/** How long a page waits for a server that has not answered yet. */
const SERVER_PATIENCE_MS = 2_500;

/** A run as the list has it. */
export interface SeenRun extends RunRow {
  /** Of its work_dir, or `server` where no work_dir that is looked at has its files. */
  place: string;
  /** The server knows it. */
  onServer: boolean;
}

/** Everything that is known at one moment. */
export interface Look {
  /** Newest first. */
  runs: SeenRun[];
  places: Place[];
  server: ServerState;
}

export type ServerState =
  | { state: 'off' }
  | { state: 'answers'; address: string }
  | { state: 'away'; address: string; why: string };

export interface RunsOptions {
  /** Absolute; a function where they are to be found again and again. */
  workDirs: () => Promise<readonly string[]>;
  /** Null: no server is asked. */
  server: { address: string; list: () => Promise<TrialRow[]> } | null;
}

interface ServerLook {
  state: ServerState;
  rows: TrialRow[];
}

/** Looks at runs, for as many pages as ask at a time. */
export class Runs {
  readonly #options: RunsOptions;
  readonly #seen = nothingSeen();
  readonly #workDirs: Repeated<readonly string[]>;
  readonly #disk: Repeated<RunRow[]>;
  readonly #server: Repeated<ServerLook>;
  #waiting: ServerLook | null = null;
  #last: { look: Look; of: readonly unknown[] } | null = null;

  constructor(options: RunsOptions) {
    this.#options = options;
    this.#workDirs = new Repeated(WORK_DIRS_EVERY_MS, options.workDirs);
    this.#disk = new Repeated(DISK_EVERY_MS, async () => runsOnDisk(await this.#workDirs.get(), this.#seen));
    this.#server = new Repeated(SERVER_EVERY_MS, () => this.#askServer());
  }

  /** The work_dirs that files are given from. */
  async places(): Promise<Place[]> {
    return (await this.#workDirs.get()).map(placeOf);
  }

  async look(): Promise<Look> {
    const [disk, server, places] = await Promise.all([this.#disk.get(), this.#ofServer(), this.places()]);
    // Answers that are asked again are other objects.
    const of = [disk, server, places.map(({ key }) => key).join()];
    if (!this.#last || of.some((value, i) => value !== this.#last!.of[i]))
      this.#last = { of, look: { runs: merged(disk, server.rows), places, server: server.state } };
    return this.#last.look;
  }

  /** A run by its place and id. */
  async find(place: string, id: string): Promise<SeenRun | null> {
    const { runs } = await this.look();
    return runs.find(run => run.place === place && run.id === id) ?? null;
  }

  async #ofServer(): Promise<ServerLook> {
    if (!this.#options.server) return { state: { state: 'off' }, rows: [] };
    const { address } = this.#options.server;
    this.#waiting ??= { state: { state: 'away', address, why: 'it has not answered yet' }, rows: [] };
    return await this.#server.get(SERVER_PATIENCE_MS, this.#waiting);
  }

  async #askServer(): Promise<ServerLook> {
    const { address, list } = this.#options.server!;
    try {
      return { state: { state: 'answers', address }, rows: await list() };
    } catch (error) {
      return {
        state: { state: 'away', address, why: error instanceof Error ? error.message : String(error) },
        rows: [],
      };
    }
  }
}

/** Something that is asked again when the last answer has grown old; nobody waits for a newer one where there is one. */
class Repeated<T> {
  readonly #every: number;
  readonly #ask: () => Promise<T>;
  #known: { value: T; until: number } | null = null;
  #asking: Promise<T> | null = null;

  constructor(every: number, ask: () => Promise<T>) {
    this.#every = every;
    this.#ask = ask;
  }

  /** The newest answer; `meanwhile` where there has been none for `patience` milliseconds. */
  async get(patience?: number, meanwhile?: T): Promise<T> {
    const known = this.#known;
    if (known && performance.now() < known.until) return known.value;
    this.#asking ??= this.#askOnce();
    // An old answer is shown where a new one takes long: the page asks again soon.
    const soon = known?.value ?? meanwhile;
    if (soon === undefined) return await this.#asking;
    return await Promise.race([this.#asking, after(known ? 250 : patience!, soon)]);
  }

  async #askOnce(): Promise<T> {
    const begun = performance.now();
    try {
      const value = await this.#ask();
      const took = performance.now() - begun;
      this.#known = { value, until: performance.now() + Math.max(this.#every, 5 * took) };
      return value;
    } finally {
      this.#asking = null;
    }
  }
}

async function after<T>(ms: number, value: T): Promise<T> {
  return await new Promise(resolve => {
    setTimeout(() => resolve(value), ms).unref();
  });
}

/** Rows of the disk with what the server says of them, and rows that only the server has. */
function merged(disk: readonly RunRow[], server: readonly TrialRow[]): SeenRun[] {
  // Of several runs of one id the newest counts.
  const newest = new Map<string, TrialRow>();
  for (const row of server) {
    const name = safeName(row.id);
    const before = newest.get(name);
    if (!before || before.startedAt < row.startedAt) newest.set(name, row);
  }
  const taken = new Set<string>();
  const keys = new Map<string, string>();
  const keyOf = (workDir: string) => {
    const key = keys.get(workDir) ?? placeOf(workDir).key;
    keys.set(workDir, key);
    return key;
  };
  const runs = disk.map(row => {
    const said = newest.get(row.id);
    const place = keyOf(row.workDir!);
    if (!said || taken.has(row.id)) return { ...row, place, onServer: false };
    taken.add(row.id);
    return { ...row, ...saidOf(said), id: said.id, parent: said.sweep ?? row.parent, place, onServer: true };
  });
  const others = [...newest]
    .filter(([name]) => !taken.has(name))
    .map(([, said]) => ({
      id: said.id,
      parent: said.sweep,
      objective: null,
      progress: null,
      workDir: null,
      ...saidOf(said),
      place: ELSEWHERE,
      onServer: true,
    }));
  return [...runs, ...others].sort((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? -1 : 1));
}

function saidOf({ kind, state, project, experiment, stage, job, startedAt, closedAt }: TrialRow) {
  return {
    kind,
    state,
    project,
    experiment,
    // Where one stands that has ended is where it ended.
    stage: closedAt === null ? stage : '',
    job: closedAt === null ? job : '',
    startedAt: Date.parse(startedAt),
    closedAt: closedAt === null ? null : Date.parse(closedAt),
  };
}
