import {
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  ContinueAsNew,
  condition,
  continueAsNew,
  isCancellation,
  patched,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import { clip } from '../plan/clip.ts';
import type { Json } from '../plan/plan.ts';
import {
  type Claim,
  FAILURES,
  type HoldAnswer,
  type IterationEnd,
  type JobRef,
  type SkeletonJob,
  type TrialEnd,
  type TrialInput,
  type TrialResult,
  type TrialSkeleton,
} from '../plan/protocol.ts';
import { endOf } from '../plan/trial-end.ts';
import { inputProblem } from '../plan/trial-input.ts';
import { control, failureOf, sweepEnded, wasCancelled } from './activity-calls.ts';
import { type Outcome, publishAttributes } from './attributes.ts';
import { detailsOf } from './details.ts';
import { heldOf } from './hold.ts';
import { type JobEvents, runJob } from './run-job.ts';
import { SweepGone, tellEnd, untilPromoted, whileSweepGoesOn } from './rungs.ts';
import { wireTrial } from './trial-handlers.ts';
import { Trial } from './trial-state.ts';

/** What one run of a trial hands to the next when its history has grown long. */
export interface Carried {
  iteration: number;
  iterValues: Record<string, Json>;
  set: Record<string, Json>;
  paused: boolean;
  counts: TrialResult['jobs'];
  gpuSeconds?: number;
}

const WHY_CHARS = 1_000;

/** One trial: all pipelines and iterations of one sandbox config, stages strictly in order, jobs in list order. */
export async function sandboxTrial(input: TrialInput, carried?: Carried): Promise<TrialResult> {
  const trial = new Trial();
  const self = { id: workflowInfo().workflowId, runId: workflowInfo().firstExecutionRunId };
  const jobs = new CancellationScope();
  trial.set = { ...input?.set, ...carried?.set };
  let iteration = carried?.iteration ?? 1;
  let iterValues = carried?.iterValues ?? {};
  trial.paused = carried?.paused ?? false;
  trial.gpuSeconds = carried?.gpuSeconds ?? 0;
  Object.assign(trial.counts, carried?.counts);
  const problem = inputProblem(input);
  const sweep = problem === null ? input.sweep : undefined;
  trial.number = sweep?.trial ?? null;

  /** Compiles and takes the plan, in one step with seeing that nothing changed meanwhile: else compiles again. */
  const compile = async <T>(
    title: string,
    changes: Record<string, Json> | null,
    take: (skeleton: TrialSkeleton) => T,
  ): Promise<T> => {
    for (;;) {
      const now = { set: trial.set, iteration };
      const asked = { input: { ...input, set: { ...trial.set, ...changes } }, trial: self, iteration, iterValues };
      const skeleton = await control(title).compileTrial(changes ? { ...asked, changed: true } : asked);
      if (now.set === trial.set && now.iteration === iteration) return take(skeleton);
    }
  };
  const tell = () => setCurrentDetails(detailsOf(trial.progress()));
  const publish = (job: SkeletonJob | null, outcome?: Outcome) => {
    publishAttributes(trial, job, outcome);
    tell();
  };

  wireTrial(
    trial,
    jobs,
    changes =>
      compile('check the changed config', changes, skeleton => {
        refuse(trial.refusal(skeleton));
        const changed = trial.changedBy(skeleton);
        trial.set = { ...trial.set, ...changes };
        trial.load(skeleton);
        tell();
        return { changed };
      }),
    tell,
  );

  const untilResumed = async (): Promise<void> => {
    if (!trial.paused) return;
    trial.state = 'paused';
    trial.waitingFor = null;
    publish(null);
    await whileSweepGoesOn(sweep?.id, () => !trial.paused);
  };

  const refOf = (job: SkeletonJob): JobRef => ({
    plan: trial.skeleton!.plan,
    job: job.id,
    trial: self,
    ...(sweep && { sweep: { id: sweep.id, trial: sweep.trial, metrics: sweep.metrics } }),
    ...(sweep && job.rungs && { rungs: { ...job.rungs, passed: trial.passed } }),
  });

  /** Runs a job until it is done, skipped or has failed for good. */
  const runToEnd = async (id: string): Promise<void> => {
    for (;;) {
      const job = trial.job(id);
      trial.state = 'running';
      publish(job);
      try {
        trial.finish(await runJob(job, refOf(job), eventsOf(trial, id, tell)), Date.now());
        return;
      } catch (error) {
        const gone = sweepEnded(error);
        if (gone !== null) throw new SweepGone(gone);
        const held = heldOf(error);
        if (held !== undefined) {
          trial.hold(id, held, Date.now());
          if (sweep && held?.rung) await untilPromoted(trial, job, sweep.id, held.rung, () => publish(job));
          await untilResumed();
          // What a stop asked for is done: it ends the trial here.
          await condition(() => !trial.stopping);
          continue;
        }
        if (wasCancelled(error)) throw error;
        const failure = failureOf(job, error);
        trial.fail(id, failure, Date.now());
        if (job.onFailure !== 'wait') {
          const message = `job ${id} (${job.activity}) failed: ${failure.why}`;
          throw ApplicationFailure.nonRetryable(message, FAILURES.job, failure);
        }
      }
      trial.state = 'waiting';
      trial.waitingFor = `${id} failed: mend the cause, then send retryJob, skipJob or stop`;
      publish(job);
      await whileSweepGoesOn(sweep?.id, () => trial.hasDecision(id));
      trial.waitingFor = null;
      if (trial.takeDecision(id) === 'skip') {
        trial.skip(id, Date.now());
        return;
      }
    }
  };

  const runIteration = async (): Promise<IterationEnd> => {
    trial.state = 'compiling';
    const title = iteration === 1 ? 'compile the config' : `compile iteration ${iteration}`;
    await compile(title, null, skeleton => trial.load(skeleton));
    for (const { id } of trial.skeleton!.jobs) {
      await untilResumed();
      await runToEnd(id);
    }
    const { plan } = trial.skeleton!;
    return await control('gather results').finishIteration({ plan, trial: self, skipped: trial.skipped() });
  };

  const runAll = async (): Promise<IterationEnd> => {
    refuse(problem);
    for (;;) {
      const end = await runIteration();
      if (end.targetsMet || iteration === trial.skeleton!.maxIterNum) return end;
      iteration += 1;
      iterValues = end.iterValues;
      if (workflowInfo().continueAsNewSuggested) {
        await condition(allHandlersFinished);
        const { set, paused, counts, gpuSeconds } = trial;
        await continueAsNew<typeof sandboxTrial>(input, { iteration, iterValues, set, paused, counts, gpuSeconds });
      }
    }
  };

  const over = async (state: 'done' | 'failed' | 'stopped', end: () => TrialEnd, target?: Json): Promise<void> => {
    trial.state = state;
    const { steps, metrics } = end();
    const objective = sweep ? metrics[sweep.metrics?.[0] ?? ''] : target;
    publish(null, { steps, objective: typeof objective === 'number' ? objective : null });
    if (sweep) await tellEnd(sweep.id, { trial: sweep.trial, kind: 'end', end: end() });
  };

  try {
    const end = await jobs.run(runAll);
    const result = trial.result('done', iteration, end, sweep?.metrics);
    await over('done', () => endOf(result), end.targets[0]?.value);
    return result;
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    if (error instanceof SweepGone) {
      trial.stopping = true;
      trial.why = error.message;
      trial.waitingFor = null;
    }
    const result = trial.result('stopped', iteration, null, sweep?.metrics);
    if (trial.stopping) {
      await over('stopped', () => endOf(result));
      return result;
    }
    const status = wasCancelled(error) ? 'stopped' : 'failed';
    await over(status, () => ({ ...endOf(result), status, why: whyOf(error) }));
    throw endedAs(error);
  } finally {
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  }
}

/** In a sentence, for its sweep. */
function whyOf(error: unknown): string {
  if (wasCancelled(error)) return 'it was cancelled';
  const cause = error instanceof ActivityFailure ? (error.cause ?? error) : error;
  return clip(cause instanceof Error ? cause.message : String(cause), WHY_CHARS);
}

/** A cancel that comes back as another failure, such as the timeout of a worker that died before it heard, is a cancel nevertheless. */
function endedAs(error: unknown): unknown {
  if (isCancellation(error) || !wasCancelled(error) || !patched('every-cancel-is-one')) return error;
  return new CancelledFailure('cancelled', [], error as Error);
}

/** @throws ApplicationFailure that is not retried, with the problem, where there is one. */
function refuse(problem: string | null): void {
  if (problem !== null) throw ApplicationFailure.nonRetryable(problem, FAILURES.config);
}

function eventsOf(trial: Trial, id: string, tell: () => void): JobEvents {
  const mark = (state: 'claiming' | 'running', claim?: Claim) => {
    trial.waitingFor = null;
    trial.mark(id, state, Date.now(), claim);
    tell();
  };
  return {
    wishes: trial,
    claiming: () => mark('claiming'),
    running: claim => {
      trial.holdable = claim !== null;
      if (claim) trial.claims.set(id, claim);
      trial.holdDevices(claim?.devices.length ?? 0, Date.now());
      mark('running', claim ?? undefined);
    },
    lastClaim: () => trial.claims.get(id) ?? null,
    holding: answer => {
      if (answer) trial.holdable = answer.asked;
      trial.waitingFor = answer && holdingSentence(trial, id, answer);
      tell();
    },
    over: () => {
      trial.holdable = false;
      trial.holdDevices(0, Date.now());
    },
    part: (name, state) => {
      trial.markPart(id, name, state);
      tell();
    },
    waiting: message => {
      trial.waitingFor = message;
      tell();
    },
  };
}

function holdingSentence(trial: Trial, id: string, { asked, message }: HoldAnswer): string {
  if (asked) return `${trial.stopping ? 'stopping' : 'pausing'} ${id}: ${message}`;
  if (trial.stopping) return `stopping ${id}: ${message}`;
  const inParts = (trial.job(id).parts?.length ?? 0) > 1;
  return `pauses when ${inParts ? 'this part of ' : ''}${id} has ended: ${message}`;
}
