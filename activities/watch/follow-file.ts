import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json, Plan } from '../../plan/plan.ts';
import type { TrialInput, TrialRef } from '../../plan/protocol.ts';
import { type Notifier, type Tracker, trackerName } from '../../plan/watching.ts';
import { createOnce, readIfThere, writeAtomically } from '../runtime/atomic.ts';
import { safeName } from '../runtime/safe-name.ts';
import { stateDir } from '../runtime/state-dir.ts';
import { trialDir } from '../runtime/trial-dir.ts';

export type FollowedKind = 'trial' | 'sweep' | 'study';

/** `<run's folder>/watch/<run>/follow.json`: a run of which somebody is told, and who. Nothing secret is in it. */
export interface Followed {
  version: 1;
  kind: FollowedKind;
  id: string;
  /** First run of its workflow. */
  runId: string;
  project: string;
  experiment: string;
  /** At trackers. */
  name: string;
  /** Its id at trackers. */
  key: string;
  /** Its folder at TensorBoard. */
  place: string[];
  workDir: string;
  baseDir: string;
  /** Values set from outside. */
  set: Record<string, Json>;
  sweep: { id: string; trial: number; key: string } | null;
  trackers: { name: string; tracker: Tracker }[];
  notify: Notifier[];
}

type Watched = Pick<Plan, 'trackers' | 'notify' | 'projectName' | 'experimentName' | 'workDir' | 'baseDir'>;
const KEY_CHARS = 16;

/** A trial as it is followed; `defaults`: trackers of the worker, where the config names none. Null where nobody is to be told. */
export function followedTrial(
  plan: Watched,
  trial: TrialRef,
  { sweep, set = {} }: Pick<TrialInput, 'sweep' | 'set'>,
  defaults: readonly Tracker[] = [],
): Followed | null {
  const of = sweep ? 'trial-of-sweep' : 'trial';
  const followed = followedRun(plan, 'trial', trial, notifiersOf(plan, of));
  const trackers = (plan.trackers ?? defaults).map(tracker => ({ name: trackerName(tracker), tracker }));
  if (trackers.length === 0 && followed.notify.length === 0) return null;
  const parent = sweep ? { id: sweep.id, trial: sweep.trial, key: keyOf('sweep', sweep.id) } : null;
  return {
    ...followed,
    name: sweep ? `${plan.experimentName}-${sweep.trial}` : plan.experimentName,
    place: [...(sweep ? [safeName(sweep.id)] : []), safeName(trial.id), followed.key],
    set,
    sweep: parent,
    trackers,
  };
}

/** A sweep or study as it is followed: by notifications only. */
export function followedParent(plan: Watched, kind: 'sweep' | 'study', run: TrialRef): Followed | null {
  const followed = followedRun(plan, kind, run, notifiersOf(plan, kind));
  return followed.notify.length > 0 ? followed : null;
}

function followedRun(plan: Watched, kind: FollowedKind, { id, runId }: TrialRef, notify: Notifier[]): Followed {
  return {
    version: 1,
    kind,
    id,
    runId,
    project: plan.projectName,
    experiment: plan.experimentName,
    name: plan.experimentName,
    key: keyOf(id, runId),
    place: [],
    workDir: plan.workDir,
    baseDir: plan.baseDir,
    set: {},
    sweep: null,
    trackers: [],
    notify,
  };
}

function notifiersOf({ notify = [] }: Watched, subject: NonNullable<Notifier['runs']>[number]): Notifier[] {
  return notify.filter(({ runs }) => (runs ? runs.includes(subject) : subject !== 'trial-of-sweep'));
}

function keyOf(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, KEY_CHARS);
}

/** Folder of what is known of a followed run. */
export function followFolder({ kind, workDir, id, runId, key }: Followed): string {
  const own =
    kind === 'trial'
      ? trialDir(workDir, { id, runId })
      : join(workDir, kind === 'sweep' ? 'sweeps' : 'studies', safeName(id));
  return join(own, 'watch', key);
}

/** Notes a run that is to be followed, in its own folder and in the host's list; what is noted already stays. Answers with its folder. */
export async function noteFollowed(followed: Followed): Promise<string> {
  const folder = followFolder(followed);
  await mkdir(folder, { recursive: true });
  await createOnce(join(folder, 'follow.json'), `${JSON.stringify(followed, null, 1)}\n`);
  await writeAtomically(entryOf(followed.key), JSON.stringify({ folder, id: followed.id }));
  return folder;
}

/** Null where there is none that can be read. */
export async function readFollowed(folder: string): Promise<Followed | null> {
  try {
    return JSON.parse((await readIfThere(join(folder, 'follow.json'))) ?? 'null') as Followed | null;
  } catch {
    return null;
  }
}

/** Folders of all runs of this host of which somebody is yet to be told something. */
export async function listFollowed(): Promise<string[]> {
  const names = await readdir(listDir()).catch(() => [] as string[]);
  const entries = await Promise.all(
    names.filter(name => name.endsWith('.json')).map(name => readIfThere(join(listDir(), name))),
  );
  return entries.flatMap(text => {
    try {
      return [(JSON.parse(text ?? '') as { folder: string }).folder];
    } catch {
      return [];
    }
  });
}

/** All has been told: the host need not know of it any more. */
export async function forgetFollowed({ key }: Pick<Followed, 'key'>): Promise<void> {
  await rm(entryOf(key), { force: true });
}

const listDir = () => join(stateDir(), 'watch');
const entryOf = (key: string) => join(listDir(), `${key}.json`);
