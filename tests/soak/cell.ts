import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cell, Work } from './cells.ts';
import type { ChaosSandbox } from './chaos-sandbox.ts';
import { type Findings, inspect, inspectProcess } from './inspect.ts';
import { playedOf } from './ledger.ts';
import { findVictims, send, type Victim } from './processes.ts';
import { LAST_STEP, ProgressWatch } from './progress-watch.ts';
import { inSandbox, type Outcome, until } from './scenario.ts';
import { PROMPTS, type TrialShape } from './trials.ts';

/** How one cell went. */
export interface CellReport extends Outcome, Cell {
  stepsLost: number;
  /** From the death until the trial was seen to be further. */
  secondsToProgress: number | null;
}

const ID = 'cell';
const SHAPE: TrialShape = { seed: 1, steps: 50, checkpointEvery: 7 };
/** Hashed for about a second when it is published. */
const LARGE_BYTES = 400_000_000;
const INTO_PUBLISHING_MS = 200;
/** A prompt is a batch, which is a step. */
const VIDEOS_A_BATCH = 2;
const ACKNOWLEDGED_MS = 500;
/** What a program does one by one, in its ledger. */
const UNITS: Record<'train' | 'infer' | 'score', number> = {
  train: SHAPE.steps,
  infer: PROMPTS.length * 2,
  score: PROMPTS.length * 2,
};

/** Runs one trial in which one thing dies at one moment, and looks at what is left. */
export async function runCell(cell: Cell): Promise<CellReport> {
  let findings: Findings = { broken: [], restarts: 0, stepsLost: 0, mostLost: 0 };
  let secondsToProgress: number | null = null;
  const env = {
    ...(cell.moment === 'done' && cell.victim === 'trainer' && { PLAY_LINGER_SECONDS: '2' }),
    ...(cell.work === 'publish' && { PLAY_RESULT_BYTES: String(LARGE_BYTES) }),
  };
  const outcome = await inSandbox({ env, dataJuicer: cell.work === 'process' }, [ID], async chaos => {
    const handle = await (cell.work === 'process' ? chaos.startProbe(ID) : chaos.startTrial(ID, SHAPE));
    const watch = new ProgressWatch(handle);
    await strike(chaos, cell, watch);
    const result = await chaos.resultOf(ID);
    const left = await chaos.leftOvers();
    await watch.ended;
    secondsToProgress = watch.seconds;
    if (cell.work === 'process') return [...left, ...(await inspectProcess(result))];
    findings = await inspect(chaos.ledger, [{ shape: SHAPE, result }]);
    if (cell.victim !== 'trainer' && cell.victim !== 'supervisor' && findings.restarts > 0)
      left.push(`a program was started again, ${findings.restarts} times`);
    return [...left, ...findings.broken];
  });
  return { ...cell, ...outcome, stepsLost: findings.stepsLost, secondsToProgress };
}

/** Waits for the moment, and kills. */
async function strike(chaos: ChaosSandbox, cell: Cell, watch: ProgressWatch): Promise<void> {
  const dir = await until('the plan', () =>
    chaos.jobDir(ID, cell.work === 'process' ? 'before' : programOf(cell.work)),
  );
  const kill = async (pids: readonly number[]) => {
    if (pids.length === 0) throw new Error(`there was no ${cell.victim} to kill`);
    watch.mark(await stepNow(chaos, cell, dir));
    for (const pid of pids) send(pid, 'SIGKILL');
  };
  const victims = () => findVictims(chaos.folder, cell.victim, 5_000);
  if (cell.moment === 'done') return await strikeWhenDone(chaos, cell, dir, kill);
  await reach(chaos, cell, dir);
  await kill(await victims());
}

const programOf = (work: Work) => (work === 'publish' || work === 'process' ? 'train' : work);

/** The step that must be passed for progress: heartbeats tell it up to two seconds late. */
async function stepNow(chaos: ChaosSandbox, { work, moment }: Cell, dir: string): Promise<number> {
  if (moment === 'done' || work === 'publish') return LAST_STEP;
  if (work === 'process') return 0;
  const units = Math.max(0, await unitsDone(chaos, dir));
  return work === 'infer' ? Math.floor(units / VIDEOS_A_BATCH) : units;
}

/** Until the work has just begun, or is halfway. */
async function reach(chaos: ChaosSandbox, { work, moment, victim }: Cell, dir: string): Promise<void> {
  if (work === 'process') {
    const log = moment === 'start' && victim !== 'trainer' ? /^/ : /OP \[/;
    await until('the log of Data-Juicer', async () => log.test(await logIn(dir)) && (await anyFile(dir, /^log/)));
  } else if (work === 'publish') {
    await until('the end of the training', () => anyFile(dir, /^exit\.json$/));
    if (moment === 'middle') await new Promise(resolve => setTimeout(resolve, INTO_PUBLISHING_MS));
    if (await anyFile(dir, /^manifest\.json$/)) throw new Error('it was published before it could be killed');
  } else {
    const wanted = moment === 'start' ? 0 : UNITS[work] / 2;
    await until(`${work} ${moment}`, async () => (await unitsDone(chaos, dir)) >= wanted);
  }
}

/** What must not tell is frozen before the effect, and killed after it. */
async function strikeWhenDone(
  chaos: ChaosSandbox,
  { victim, work }: Cell,
  dir: string,
  kill: (pids: readonly number[]) => Promise<void>,
): Promise<void> {
  const freeze = async (one: Victim) => {
    const pids = await findVictims(chaos.folder, one, 5_000);
    for (const pid of pids) send(pid, 'SIGSTOP');
    return pids;
  };
  if (victim === 'trainer') {
    await until('the end of the work', async () => (await playedOf(chaos.ledger, keyOf(dir)))[0]?.ended === true);
    return await kill(await findVictims(chaos.folder, victim, 0));
  }
  if (work === 'process') await until('the log of Data-Juicer', async () => /OP \[/.test(await logIn(dir)));
  else await until('the last unit', async () => (await unitsDone(chaos, dir)) >= UNITS[programOf(work) as 'train'] - 1);
  // The host publishes and cannot tell; the control worker is told of nothing; the server cannot be told.
  const publishes = work === 'process' || work === 'publish';
  const silent = victim === 'control' ? 'control' : publishes ? 'server' : victim;
  const frozen = await freeze(silent);
  if (publishes) await until('the manifest', () => anyFile(dir, /^manifest\.json$/));
  else if (victim === 'supervisor')
    await until('the end of the program', async () => (await findVictims(chaos.folder, 'trainer', 0)).length === 0);
  else await until('the end of the program', () => anyFile(dir, /^exit\.json$/));
  if (victim === 'control') await new Promise(resolve => setTimeout(resolve, ACKNOWLEDGED_MS));
  await kill(silent === victim ? frozen : await findVictims(chaos.folder, victim, 0));
  if (silent !== victim) for (const pid of frozen) send(pid, 'SIGCONT');
}

const keyOf = (dir: string) => /\/jobs\/([0-9a-f]+)/.exec(dir)![1]!;

/** Steps or videos that the job's first process has done; -1 before it started. */
async function unitsDone(chaos: ChaosSandbox, dir: string): Promise<number> {
  const [first] = await playedOf(chaos.ledger, keyOf(dir));
  return first ? first.steps.length + first.videos.length : -1;
}

async function anyFile(dir: string, name: RegExp): Promise<boolean> {
  const found = await readdir(dir, { recursive: true }).catch(() => [] as string[]);
  return found.some(path => name.test(path.slice(path.lastIndexOf('/') + 1)));
}

async function logIn(dir: string): Promise<string> {
  return await readFile(join(dir, 'epoch-1', 'log.txt'), 'utf8').catch(() => '');
}
