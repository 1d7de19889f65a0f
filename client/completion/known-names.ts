// Ids of trials and names of jobs for the end of a command line: at once, or not at all.
import { setTimeout as sleep } from 'node:timers/promises';
import { jobsOf } from '../../plan/plan.ts';
import { idsIn, readTrialRecord } from '../../report/collect/trial-record.ts';
import { workDirsNear } from '../record/work-dirs-near.ts';
import type { Candidate } from './complete.ts';

/** A shell that waits longer for a list is no help. */
const SERVER_MS = 1_500;
const MOST_LISTED = 200;
/** A shell gets no other characters than these, whatever someone called a workflow. */
const PLAIN = /^[\p{L}\p{N}_.-]+$/u;
const CHILD = /\.trial-\d*$/;

/** Ids that begin with `current`: of the work_dirs below this folder, and where those have none of the server. */
export async function idCandidates(current: string): Promise<Candidate[]> {
  const near = await workDirsNear(process.cwd());
  const kinds = [
    ['sweeps', 'sweep'],
    ['studies', 'study'],
    ['trials', 'trial'],
  ] as const;
  const onDisk: Candidate[] = [];
  for (const workDir of near)
    for (const [folder, help] of kinds) onDisk.push(...(await idsIn(workDir, folder)).map(word => ({ word, help })));
  const found = chosen(onDisk, current);
  return found.length > 0 ? found : chosen(await idsOfServer(), current);
}

/** Those that begin with `current`; trials of sweeps and studies once their parent is written out, as there may be thousands. */
export function chosen(candidates: readonly Candidate[], current: string): Candidate[] {
  const wantsChildren = current.includes('.');
  const fitting = candidates.filter(
    ({ word }) => word.startsWith(current) && PLAIN.test(word) && (wantsChildren || !CHILD.test(word)),
  );
  return fitting.slice(0, MOST_LISTED);
}

async function idsOfServer(): Promise<Candidate[]> {
  const asked = (async () => {
    const { withServer } = await import('../connect.ts');
    const { listTrials } = await import('../trials.ts');
    const rows = await withServer(server => listTrials(server, MOST_LISTED));
    return rows.map(({ id, kind, state }) => ({ word: id, help: `${kind}, ${state}` }));
  })().catch(() => []);
  return await Promise.race([asked, sleep(SERVER_MS, [])]);
}

/** meta_names of the jobs of a trial whose files are below this folder. */
export async function jobCandidates(trial: string, current: string): Promise<Candidate[]> {
  for (const workDir of await workDirsNear(process.cwd())) {
    const record = await readTrialRecord(workDir, trial);
    if (!record) continue;
    const jobs = jobsOf(record.plans.at(-1)!.plan);
    const count = (name: string) => jobs.filter(({ metaName }) => metaName === name).length;
    const named = jobs.map(({ id, metaName, component }) => ({
      word: count(metaName) === 1 ? metaName : id,
      help: component,
    }));
    return named.filter(({ word }) => word.startsWith(current) && PLAIN.test(word));
  }
  return [];
}
