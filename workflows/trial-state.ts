import { bounded } from '../plan/bounded.ts';
import type { Json } from '../plan/plan.ts';
import type {
  Claim,
  HeldDetails,
  IterationEnd,
  JobDone,
  JobFailureDetails,
  JobReport,
  JobState,
  JobStatus,
  SkeletonJob,
  TrialProgress,
  TrialResult,
  TrialSkeleton,
  TrialState,
} from '../plan/protocol.ts';

const MOST_METRICS = 256;

/** What a user decided about a job that failed and waits. */
export type Decision = 'retry' | 'skip';

/** All that a trial knows: plain data and small methods, so that it is tested without Temporal. */
export class Trial {
  state: TrialState = 'compiling';
  skeleton: TrialSkeleton | null = null;
  paused = false;
  stopping = false;
  waitingFor: string | null = null;
  /** Values set from outside. */
  set: Record<string, Json> = {};
  /** Which one of its sweep or study it is; null: it was started by itself. */
  number: number | null = null;
  /** Whether a job has a host that may be asked to save its state. */
  holdable = false;
  /** Rungs that its sweep has let it pass, in order; may be ahead of where the training is. */
  passed = 0;
  /** Why it ends as stopped, where nobody asked it to. */
  why: string | null = null;
  /** Seconds for which it held GPUs, times their number. */
  gpuSeconds = 0;
  /** The last one of each job. */
  readonly claims = new Map<string, Claim>();
  readonly counts = { run: 0, reused: 0, skipped: 0 };
  private statuses: JobStatus[] = [];
  private done = new Map<string, JobDone>();
  private decisions = new Map<string, Decision>();
  private held: { since: number; devices: number } | null = null;

  /** Takes over a compiled plan; a plan that was changed on the way keeps the states of its jobs. */
  load(skeleton: TrialSkeleton): void {
    const before = this.skeleton?.iteration === skeleton.iteration ? this.statuses : [];
    if (before.length === 0) {
      this.done.clear();
      this.decisions.clear();
    }
    this.skeleton = skeleton;
    this.statuses = skeleton.jobs.map(job => {
      const old = before.find(candidate => candidate.id === job.id);
      return old ? stillThere(old, job) : pending(job);
    });
  }

  job(id: string): SkeletonJob {
    const job = this.skeleton?.jobs.find(candidate => candidate.id === id);
    if (!job) throw new Error(`no job ${id} in the plan`);
    return job;
  }

  status(id: string): JobStatus {
    const status = this.statuses.find(candidate => candidate.id === id);
    if (!status) throw new Error(`no job ${id} in the plan`);
    return status;
  }

  /** `claim`: where it runs now. */
  mark(id: string, state: JobState, now: number, claim?: Claim): void {
    const status = this.status(id);
    if (status.startedAt === null && state !== 'pending') status.startedAt = now;
    if (claim) Object.assign(status, { host: claim.host, devices: claim.devices });
    if (state !== 'running') delete status.report;
    if (state === 'running' || state === 'claiming') {
      status.finishedAt = null;
      status.error = null;
    } else status.finishedAt = now;
    status.state = state;
  }

  markPart(id: string, part: string, state: JobState): void {
    const found = this.status(id).parts?.find(candidate => candidate.name === part);
    if (found) found.state = state;
  }

  finish(done: JobDone, now: number): void {
    this.mark(done.job, done.reused ? 'reused' : 'done', now);
    const status = this.status(done.job);
    status.metrics = done.metrics;
    for (const part of status.parts ?? []) part.state = done.reused ? 'reused' : 'done';
    status.held = null;
    this.done.set(done.job, done);
    if (done.reused) this.counts.reused += 1;
    else this.counts.run += 1;
  }

  fail(id: string, error: JobFailureDetails, now: number): void {
    this.mark(id, 'failed', now);
    this.status(id).error = error;
  }

  /** What its program says of how it goes; of a job that is over it came too late. */
  take(report: JobReport): void {
    const status = this.statuses.find(candidate => candidate.id === report?.job);
    if (status?.state === 'running') status.report = report;
  }

  /** It gave its host back: null where it had not begun there. */
  hold(id: string, held: HeldDetails | null, now: number): void {
    const status = this.status(id);
    this.mark(id, held || status.held || status.parts?.some(part => part.state === 'done') ? 'held' : 'pending', now);
    status.held = held ?? status.held;
  }

  skip(id: string, now: number): void {
    this.mark(id, 'skipped', now);
    this.counts.skipped += 1;
  }

  skipped(): string[] {
    return this.statuses.filter(status => status.state === 'skipped').map(status => status.id);
  }

  /** From now on devices are held, or none any more. */
  holdDevices(devices: number, now: number): void {
    if (this.held) this.gpuSeconds += (this.held.devices * (now - this.held.since)) / 1000;
    this.held = devices > 0 ? { since: now, devices } : null;
  }

  /** The sweep lets the training go on from this rung. */
  promote(rung: number): void {
    this.passed = Math.max(this.passed, rung + 1);
  }

  /** The job that a decision is about: the named one, else the only one that waits. An answer that is a string says why there is none. */
  waitingJob(name: string | undefined): { id: string } | string {
    const waiting = this.statuses.filter(status => status.state === 'failed');
    if (this.state !== 'waiting' || waiting.length === 0) return 'no job of this trial waits for a decision';
    const found =
      name === undefined ? waiting[0] : waiting.find(status => status.id === name || shortName(status) === name);
    if (found) return { id: found.id };
    return `job ${name} does not wait; waiting: ${waiting.map(status => status.id).join(', ')}`;
  }

  decide(id: string, decision: Decision): void {
    this.decisions.set(id, decision);
  }

  takeDecision(id: string): Decision | undefined {
    const decision = this.decisions.get(id);
    this.decisions.delete(id);
    return decision;
  }

  hasDecision(id: string): boolean {
    return this.decisions.has(id);
  }

  /** Why a changed plan cannot take this one's place, in one sentence; null where it can. */
  refusal(next: TrialSkeleton): string | null {
    const before = this.skeleton;
    if (before?.iteration !== next.iteration) return null;
    if (next.workDir !== before.workDir)
      return `work_dir cannot change while the trial runs (${before.workDir} holds its results): start a new trial instead`;
    const ids = (skeleton: TrialSkeleton) => JSON.stringify(skeleton.jobs.map(job => job.id));
    if (ids(next) !== ids(before)) return 'this changes which jobs the trial has: start a new trial instead';
    const late = this.statuses.filter(
      status => !mayChange(status) && next.jobs.find(job => job.id === status.id)?.key !== status.key,
    );
    if (late.length === 0) return null;
    return `too late for ${late.map(status => `${status.id} (${status.state})`).join(', ')}: start a new trial instead`;
  }

  /** Jobs whose key differs in `next`. */
  changedBy(next: TrialSkeleton): string[] {
    return next.jobs
      .filter(job => this.statuses.find(status => status.id === job.id)?.key !== job.key)
      .map(job => job.id);
  }

  progress(): TrialProgress {
    const {
      project = '',
      experiment = '',
      workDir = '',
      trialDir = '',
      plan = null,
      iteration = 1,
      maxIterNum = 1,
      notes = [],
    } = this.skeleton ?? {};
    const { state, set } = this;
    return {
      state,
      project,
      experiment,
      workDir,
      trialDir,
      plan,
      set,
      iteration,
      maxIterNum,
      jobs: this.statuses,
      waitingFor: this.waitingFor ?? this.pausing(),
      notes: this.why === null ? notes : [...notes, `stopped: ${this.why}`],
    };
  }

  /** What a pause waits for, until the job's host has been asked. */
  private pausing(): string | null {
    const running = this.statuses.find(status => status.state === 'running');
    if (!this.paused || !running) return null;
    return this.job(running.id).claims
      ? `${running.id} is asked to save its state`
      : `pauses when ${running.id} has ended: a job without a host of its own is not interrupted`;
  }

  /** `{pipeline: {meta_name: {output: value}}}`; of jobs that share a meta_name the first one's results stand, as in the original. */
  context(): Record<string, Record<string, Record<string, Json>>> {
    const context: Record<string, Record<string, Record<string, Json>>> = {};
    for (const { id, pipeline, metaName } of this.skeleton?.jobs ?? []) {
      const done = this.done.get(id);
      if (!done) continue;
      context[pipeline] ??= {};
      context[pipeline][metaName] = { ...done.results, ...context[pipeline][metaName] };
    }
    return context;
  }

  metrics(): Record<string, number> {
    const metrics: Record<string, number> = {};
    for (const { id, metaName } of this.skeleton?.jobs ?? []) {
      for (const [name, value] of Object.entries(this.done.get(id)?.metrics ?? {}))
        metrics[`${metaName}.${name}`] = value;
    }
    return metrics;
  }

  /** Names of what evaluations found, the last evaluation's before those of earlier ones. */
  private scores(): string[] {
    const evaluations = (this.skeleton?.jobs ?? []).filter(({ stage }) => stage === 'evaluation');
    return evaluations
      .reverse()
      .flatMap(({ id, metaName }) => Object.keys(this.done.get(id)?.metrics ?? {}).map(name => `${metaName}.${name}`));
  }

  /** Of the training that a sweep judges, else of the first one. */
  private steps(): number | null {
    const jobs = this.skeleton?.jobs ?? [];
    const training = jobs.find(job => job.rungs) ?? jobs.find(job => job.hook === 'TrainModelHook');
    if (!training) return null;
    return this.done.get(training.id)?.metrics.steps ?? this.status(training.id).held?.step ?? null;
  }

  /** `first`: metrics that are in it, however many there are; after them come those of evaluations. */
  result(state: TrialResult['state'], iterations: number, end: IterationEnd | null, first: string[] = []): TrialResult {
    return {
      state,
      iterations,
      targetsMet: end?.targetsMet ?? null,
      trialDir: this.skeleton?.trialDir ?? '',
      jobs: { ...this.counts },
      gpuSeconds: this.gpuSeconds,
      steps: this.steps(),
      ...(state === 'stopped' && this.why !== null && { why: this.why }),
      metrics: bounded(this.metrics(), MOST_METRICS, [...first, ...this.scores()]),
    };
  }
}

/** Neither done nor under way. */
function mayChange(status: JobStatus): boolean {
  return status.state === 'pending' || status.state === 'failed';
}

/** What is known of a job, in a plan that was changed on the way. */
function stillThere(old: JobStatus, job: SkeletonJob): JobStatus {
  const fresh = pending(job);
  return old.key === job.key ? { ...old, tag: job.tag } : { ...old, ...fresh, state: old.state, error: old.error };
}

function shortName(status: JobStatus): string {
  return status.id.slice(status.id.indexOf('-') + 1);
}

function pending(job: SkeletonJob): JobStatus {
  return {
    id: job.id,
    stage: job.stage,
    title: job.title,
    activity: job.activity,
    tag: job.tag,
    key: job.key,
    state: 'pending',
    parts: job.parts?.map(name => ({ name, state: 'pending' as const })) ?? null,
    startedAt: null,
    finishedAt: null,
    host: null,
    metrics: {},
    error: null,
    held: null,
  };
}
