import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { jobDir } from '../../../activities/runtime/job-dir.ts';
import { getAt } from '../../../plan/dotted.ts';
import { jobsOf, type Plan, type PlanJob } from '../../../plan/plan.ts';
import { type JobLook, lookAtJob } from './job-look.ts';
import type { Objective, RunRow } from './run-row.ts';

/** A trial's row from its folder `name` in a work_dir; null where it has no plan that can be read. */
export async function trialRow(
  workDir: string,
  name: string,
  parent: string | null,
  now = Date.now(),
): Promise<RunRow | null> {
  const dir = join(workDir, 'trials', name);
  const found = await newestPlan(dir);
  if (!found) return null;
  const { plan, firstAt, context, contextAt } = found;
  const jobs = jobsOf(plan);
  const known = {
    id: name,
    kind: 'trial' as const,
    parent,
    project: plan.projectName ?? '',
    experiment: plan.experimentName ?? '',
    startedAt: firstAt,
    workDir,
  };
  if (contextAt !== null) {
    const progress = { done: jobs.length, total: jobs.length };
    return {
      ...known,
      state: 'done',
      ...nowhere,
      progress,
      objective: objectiveOf(plan, context),
      closedAt: contextAt,
    };
  }
  const looks = await Promise.all(
    jobs.map(async job => ({ job, look: await lookAtJob(jobDir(workDir, job.key ?? 'none'), now) })),
  );
  const done = looks.filter(({ look }) => look.state === 'done').length;
  return { ...known, ...standing(looks, now - firstAt), progress: { done, total: jobs.length }, objective: null };
}

/** A trial that was planned just now has jobs that begin in a moment. */
const JUST_NOW_MS = 60_000;

/** Where a trial stands whose iteration has not ended. */
function standing(
  looks: readonly { job: PlanJob; look: JobLook }[],
  age: number,
): Pick<RunRow, 'state' | 'stage' | 'job' | 'closedAt'> {
  const first = (state: JobLook['state']) => looks.find(({ look }) => look.state === state);
  const running = first('running');
  if (running) return { state: 'running', ...place(running.job), closedAt: null };
  const held = first('held');
  if (held) return { state: 'waiting', ...place(held.job), closedAt: null };
  const stopped = first('stopped');
  if (stopped) return { state: 'stopped', ...place(stopped.job), closedAt: stopped.look.at };
  const failed = first('failed');
  if (failed) return { state: 'failed', ...place(failed.job), closedAt: failed.look.at };
  // Between two jobs nothing runs for a moment.
  const last = Math.max(...looks.map(({ look }) => look.at ?? 0));
  const isFresh = age < JUST_NOW_MS || Date.now() - last < JUST_NOW_MS;
  const next = looks.find(({ look }) => look.state !== 'done');
  return { state: isFresh ? 'running' : 'unfinished', ...(next ? place(next.job) : nowhere), closedAt: null };
}

const place = ({ stage, metaName }: PlanJob) => ({ stage: stage as string, job: metaName });
const nowhere = { stage: '', job: '' };

type Context = Record<string, unknown>;

/** The plan of a trial's last iteration that was written last; the context of that iteration, once it has ended. */
async function newestPlan(
  dir: string,
): Promise<{ plan: Plan; firstAt: number; context: Context | null; contextAt: number | null } | null> {
  const names = await readdir(dir).catch(() => [] as string[]);
  const plans = names.flatMap(name => {
    const iteration = Number(/^plan-(\d+)(?:-[0-9a-f]+)?\.json$/.exec(name)?.[1] ?? 0);
    return iteration > 0 ? [{ name, iteration }] : [];
  });
  if (plans.length === 0) return null;
  const last = Math.max(...plans.map(({ iteration }) => iteration));
  const times = new Map(
    await Promise.all(
      plans.map(async ({ name }) => [name, (await stat(join(dir, name)).catch(() => null))?.mtimeMs ?? 0] as const),
    ),
  );
  const newest = plans
    .filter(({ iteration }) => iteration === last)
    .sort((a, b) => times.get(b.name)! - times.get(a.name)!)[0]!;
  const plan = (await parsed(join(dir, newest.name))) as Plan | null;
  if (!plan || !Array.isArray(plan.pipelines)) return null;
  const contextName = last === 1 ? 'context.json' : `context-${last}.json`;
  const contextAt = names.includes(contextName)
    ? ((await stat(join(dir, contextName)).catch(() => null))?.mtimeMs ?? null)
    : null;
  // A trial of the same name that was started again has a newer plan than the context that the first one left.
  const isOver = contextAt !== null && contextAt >= times.get(newest.name)!;
  const wantsContext = isOver && (plan.iterTargets ?? []).length > 0;
  const context = wantsContext ? ((await parsed(join(dir, contextName))) as { context?: Context } | null) : null;
  return {
    plan,
    firstAt: Math.min(...times.values()),
    context: context?.context ?? null,
    contextAt: isOver ? contextAt : null,
  };
}

/** What the plan's first target is about. */
function objectiveOf(plan: Plan, context: Context | null): Objective | null {
  const [target] = plan.iterTargets ?? [];
  if (!target || !context) return null;
  const value = getAt(context, target.key);
  if (typeof value !== 'number') return null;
  const goal = target.op === '==' ? null : target.op.startsWith('>') ? 'maximize' : 'minimize';
  return { name: target.key, value, goal };
}

async function parsed(path: string): Promise<unknown> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
