import { jsonCopy } from '../json-copy.ts';
import type { Leaderboard, SweepState, TrialEnd, TrialReport } from '../protocol.ts';
import { didYouMean } from '../suggest.ts';
import { compareTrials, meetsTarget } from './compare-trials.ts';
import { neverPromotable, toFinish, toPromote, toStop } from './early-termination.ts';
import { type Action, type Ending, newMemory, type OpenTrial, type SweepMemory } from './memory.ts';
import { OWN_SAMPLERS } from './own-samplers.ts';
import { asLoss } from './ranking.ts';
import type { Decision, Judgement, Point, Steer, SweepSpec, SweepTrial } from './types.ts';

const HOUR_MS = 3_600_000;
const MOST_LISTED = 100;
/** Of those, trials that have not ended: what runs is seen beside however many are done. */
const MOST_LISTED_OPEN = 50;
/** Each trial that waits at a rung is an open workflow, and keeps its checkpoints. */
const MOST_WAITING = 500;

/** A decision without its place and time. */
type Decided = Decision extends infer D ? (D extends Decision ? Omit<D, 'seq' | 't'> : never) : never;

/**
 * Decides what a sweep does. It is told what happened and asked what is `next`; it reads no clock and draws nothing at random, so that the same
 * events give the same decisions: a ledger can be replayed. Plain data inside (`memory`), tested without Temporal.
 */
export class Sweep {
  readonly memory: SweepMemory;

  constructor(memory: SweepMemory) {
    this.memory = memory;
  }

  /** A sweep that has just been opened. */
  static open(...args: Parameters<typeof newMemory>): Sweep {
    const [sweep, runId, opened, now] = args;
    const made = new Sweep(newMemory(...args));
    // What is decided is not changed by what is steered later.
    made.#decide({ kind: 'open', sweep, runId, spec: jsonCopy(opened.spec), rungs: opened.rungs }, now);
    return made;
  }

  get spec(): SweepSpec {
    return this.memory.opened.spec;
  }

  /** When it ends by itself at the latest, in milliseconds since the epoch. */
  get deadline(): number | null {
    const { maxHours } = this.spec.budget;
    return maxHours === null ? null : this.memory.startedAt + maxHours * HOUR_MS;
  }

  get state(): SweepState {
    if (this.memory.ending) return 'ending';
    return this.memory.paused ? 'paused' : 'running';
  }

  /** A trial told of a rung; told again it changes nothing. */
  rungTold(report: Extract<TrialReport, { kind: 'rung' }>, now: number): void {
    const { memory } = this;
    const trial = memory.open.find(each => each.trial === report.trial);
    const told = memory.rungs[report.rung];
    if (!trial || !told || (trial.rung !== null && trial.rung >= report.rung)) return;
    const { rung, step, known } = report;
    const value = finite(report.value);
    this.#decide({ kind: 'rung', trial: trial.trial, rung, step, value }, now);
    trial.rung = rung;
    if (memory.opened.rungs?.waits) trial.status = 'waiting';
    const best = memory.opened.rungs!.goal === 'minimize' ? Math.min : Math.max;
    const values = trial.rungs.map(each => each.value);
    // Without a finite value it counts among those that reached the rung, and is worse than all of them.
    told.push({ trial: trial.trial, value, best: value === null ? null : best(value, ...values) });
    if (value !== null) trial.rungs.push({ step, value });
    if (known) this.failed(missing(memory.opened.rungs!.metric, known, 'the training log'), now);
    else if (value === null) this.#stop(trial, `its metric at step ${step} is no finite number`, now);
    else {
      this.#judge(now);
      this.#thinOut(now);
    }
  }

  /** A trial has ended. */
  trialEnded(number: number, end: TrialEnd, now: number): void {
    const { memory, spec } = this;
    const trial = memory.open.find(each => each.trial === number);
    if (!trial) return;
    memory.open = memory.open.filter(each => each !== trial);
    const objectives = spec.metrics.map(({ name }) => finite(end.metrics[name]));
    const lacking = spec.metrics.find((_, i) => objectives[i] === null);
    const noObjective = end.status === 'done' && lacking !== undefined;
    const ended: SweepTrial = {
      ...withoutState(trial),
      status: noObjective ? 'failed' : end.status,
      objectives,
      why: noObjective ? missing(lacking.name, Object.keys(end.metrics), 'it') : whyEnded(trial, end),
      steps: end.steps,
      gpuSeconds: end.gpuSeconds,
      reused: end.reused,
      finishedAt: now,
    };
    const { status, why, steps, gpuSeconds, reused } = ended;
    this.#decide(
      { kind: 'end', trial: number, status: status as TrialEnd['status'], objectives, why, steps, gpuSeconds, reused },
      now,
    );
    memory.counts[status as TrialEnd['status']] += 1;
    if (status === 'done') this.#rank(ended);
    const neverTold = noObjective && memory.counts.done === 0 && !Object.hasOwn(end.metrics, lacking.name);
    if (neverTold) this.failed(`trial ${number} is done, but ${ended.why}`, now);
  }

  /** What a user wants; it has been checked. */
  steered(steer: Steer, now: number): void {
    this.#decide({ kind: 'steer', steer }, now);
    Sweep.#STEERING[steer.kind](this, steer as never, now);
  }

  /** Answers of a sampler that was asked for points of the space as it is; answers for an older one are dropped by `asked`. */
  answered(answers: { point: Point; reason: string }[]): void {
    this.memory.answers.push(...answers);
  }

  /** What cannot go on, such as a sampler that fails, ends the sweep. */
  failed(reason: string, now: number): void {
    this.#decide({ kind: 'fault', reason }, now);
    this.#end({ state: 'failed', reason });
  }

  /** What is to be done now; null: nothing until something happens. To be asked again after each. */
  next(now: number): Action | null {
    const { memory } = this;
    const order = memory.orders.shift();
    if (order) return order;
    this.#endWhereDue(now);
    if (memory.ending) return this.#closing(memory.ending, now);
    if (memory.paused) return null;
    if (this.#running() >= this.spec.concurrency) return null;
    const action = this.#promote(now) ?? this.#begin(now);
    return action ?? this.#wrapUp(now);
  }

  /** Answer to query `leaderboard`. */
  leaderboard(): Omit<Leaderboard, 'message' | 'state' | 'finishedAt'> {
    const { memory } = this;
    const { spec, project, experiment, workDir, dir, notes } = memory.opened;
    const { space, ...rest } = spec;
    return {
      sweep: memory.sweep,
      project,
      experiment,
      workDir,
      dir,
      spec: { ...rest, parameters: space.map(({ name }) => name) },
      counts: this.counts(),
      trials: this.#listed(),
      ledger: memory.ledger,
      startedAt: memory.startedAt,
      notes,
    };
  }

  #listed(): SweepTrial[] {
    const { best, open } = this.memory;
    const byRank = compareTrials(this.spec.metrics[0]!.goal);
    const running = (trial: SweepTrial) => Number(trial.status === 'running');
    const listed = open.map(withoutState).sort((a, b) => running(b) - running(a) || byRank(a, b));
    const shown = listed.slice(0, MOST_LISTED_OPEN);
    return [...best.slice(0, MOST_LISTED - shown.length), ...shown].sort(byRank);
  }

  counts(): Leaderboard['counts'] {
    const waiting = this.#waiting().length;
    return { begun: this.memory.begun, running: this.memory.open.length - waiting, waiting, ...this.memory.counts };
  }

  /** Says where decisions.jsonl ends now that `count` more decisions are in it. */
  saved(ledger: SweepMemory['ledger'], count: number): void {
    this.memory.ledger = ledger;
    this.memory.unsaved.splice(0, count);
  }

  #decide(decided: Decided, now: number): void {
    const { memory } = this;
    memory.seq += 1;
    const decision = { seq: memory.seq, t: new Date(now).toISOString(), ...decided } as Decision;
    memory.unsaved.push(decision);
    memory.recent.push(decision);
    if (memory.recent.length > MOST_LISTED) memory.recent.shift();
  }

  #running(): number {
    return this.memory.open.filter(trial => trial.status === 'running').length;
  }

  #waiting(): OpenTrial[] {
    return this.memory.open.filter(trial => trial.status === 'waiting');
  }

  #rank(done: SweepTrial): void {
    const { memory, spec } = this;
    const [metric] = spec.metrics;
    const { goal } = metric!;
    const objective = done.objectives[0]!;
    const isBest = asLoss(goal, objective) < asLoss(goal, memory.best[0]?.objectives[0] ?? null);
    memory.sinceBest = isBest ? 0 : memory.sinceBest + 1;
    memory.best = [...memory.best, done].sort(compareTrials(goal)).slice(0, MOST_LISTED);
    if (meetsTarget(metric!, objective))
      this.#end({ state: 'done', reason: `trial ${done.trial} reached the target: ${metric!.name} is ${objective}` });
  }

  #judge(now: number): void {
    const { rungs, opened } = this.memory;
    const spec = this.spec.earlyTerminate;
    if (!spec || !opened.rungs) return;
    const running = new Set(this.memory.open.filter(trial => !trial.stopping).map(trial => trial.trial));
    for (const { trial, reason } of toStop(spec, opened.rungs.goal, rungs, running)) {
      const found = this.memory.open.find(each => each.trial === trial);
      if (found) this.#stop(found, reason, now);
    }
  }

  #stop(trial: OpenTrial, reason: string, now: number): void {
    if (trial.stopping) return;
    trial.stopping = true;
    trial.why = reason;
    this.#decide({ kind: 'stop', trial: trial.trial, reason }, now);
    this.memory.orders.push({ do: 'tell', trial: trial.trial, signal: 'stop' });
  }

  #promote(now: number): Action | null {
    const { memory } = this;
    const spec = this.spec.earlyTerminate;
    if (!spec || !memory.opened.rungs?.waits) return null;
    const found = toPromote(spec, memory.opened.rungs.goal, memory.rungs, this.#promotable());
    return found && this.#promoted(found, now);
  }

  #promotable(): Set<number> {
    return new Set(
      this.#waiting()
        .filter(trial => !trial.stopping)
        .map(trial => trial.trial),
    );
  }

  #promoted(judgement: Judgement, now: number): Action {
    const { trial, rung } = judgement;
    for (const each of this.memory.open) if (each.trial === trial) each.status = 'running';
    this.#decide({ kind: 'promote', ...judgement }, now);
    return { do: 'promote', trial, rung };
  }

  /** The next trial, the question for its point, or null where none is to begin. */
  #begin(now: number): Action | null {
    const { memory, spec } = this;
    const own = memory.queue.shift();
    if (own) return this.#started(own, 'user', 'a point of the user', now);
    const left = (spec.budget.runCap ?? Number.POSITIVE_INFINITY) - memory.begun;
    if (left <= 0) return null;
    const sampler = OWN_SAMPLERS[spec.sampler];
    const trial = memory.begun + 1;
    if (sampler) {
      const point = sampler({ space: spec.space, seed: spec.seed, taken: memory.taken, trial });
      return point && this.#started(point, spec.sampler, `point ${memory.taken + 1} of ${spec.sampler}`, now);
    }
    const answer = memory.answers.shift();
    if (answer) return this.#started(answer.point, spec.sampler, answer.reason, now);
    return { do: 'ask', next: trial, count: Math.min(left, spec.concurrency - this.#running()) };
  }

  #started(point: Point, by: string, reason: string, now: number): Action {
    const { memory } = this;
    memory.begun += 1;
    if (by !== 'user') memory.taken += 1;
    const trial = memory.begun;
    memory.open.push({
      trial,
      point,
      status: 'running',
      objectives: this.spec.metrics.map(() => null),
      rungs: [],
      why: null,
      steps: null,
      gpuSeconds: 0,
      reused: 0,
      startedAt: now,
      finishedAt: null,
      rung: null,
      stopping: false,
    });
    this.#decide({ kind: 'suggest', trial, point, by, seed: this.spec.seed, reason }, now);
    return { do: 'begin', trial, point };
  }

  /** Where nothing runs and nothing more begins: lets those go that wait for nobody, and ends. */
  #wrapUp(now: number): Action | null {
    const { memory } = this;
    if (memory.open.some(trial => trial.status === 'running' || trial.stopping)) return null;
    const { earlyTerminate, budget } = this.spec;
    if (memory.open.length > 0) {
      const { goal } = memory.opened.rungs!;
      const told = [goal, memory.rungs, this.#promotable()] as const;
      const last = memory.counts.done === 0 && toFinish(earlyTerminate!, ...told);
      if (last) return this.#promoted(last, now);
      const why = new Map(neverPromotable(earlyTerminate!, ...told, 0).map(({ trial, reason }) => [trial, reason]));
      for (const trial of memory.open) this.#stop(trial, why.get(trial.trial) ?? 'no trial follows', now);
      return this.next(now);
    }
    const capped = budget.runCap !== null && memory.begun >= budget.runCap;
    this.#end({
      state: 'done',
      reason: capped
        ? `${memory.begun} of ${budget.runCap} trials have ended`
        : `all ${memory.begun} points of the space were tried`,
    });
    return this.next(now);
  }

  /** Too many that wait are too many open workflows and checkpoints: the worst go. */
  #thinOut(now: number): void {
    const waiting = this.#waiting().filter(trial => !trial.stopping);
    if (waiting.length <= MOST_WAITING) return;
    const worstFirst = waiting.sort(compareTrials(this.memory.opened.rungs!.goal)).reverse();
    for (const trial of worstFirst.slice(0, waiting.length - MOST_WAITING))
      this.#stop(trial, `more than ${MOST_WAITING} trials wait, and this is the worst of them`, now);
  }

  #end(ending: Ending): void {
    this.memory.ending ??= ending;
  }

  #endWhereDue(now: number): void {
    const { memory, spec } = this;
    const { patience, maxFailures, maxHours } = spec.budget;
    if (this.deadline !== null && now >= this.deadline)
      this.#end({ state: 'done', reason: `max_hours: ${maxHours} hours are over` });
    if (patience !== null && memory.sinceBest >= patience)
      this.#end({ state: 'done', reason: `patience: ${memory.sinceBest} trials were done without a better one` });
    if (maxFailures !== null && memory.counts.failed > maxFailures)
      this.#end({
        state: 'failed',
        reason: `max_failures: ${memory.counts.failed} trials have failed, ${maxFailures} may`,
      });
  }

  #closing({ state, reason }: Ending, now: number): Action | null {
    const { memory } = this;
    for (const trial of memory.open) this.#stop(trial, `the sweep ends: ${reason}`, now);
    const order = memory.orders.shift();
    if (order) return order;
    if (memory.open.length > 0) return null;
    this.#decide({ kind: 'close', state, reason }, now);
    return { do: 'close', state, reason };
  }

  #stopByHand(number: number, now: number): void {
    const trial = this.memory.open.find(each => each.trial === number);
    if (trial) this.#stop(trial, 'stopped by hand', now);
  }

  #passOn(signal: 'pause' | 'resume'): void {
    this.memory.paused = signal === 'pause';
    for (const { trial } of this.memory.open) this.memory.orders.push({ do: 'tell', trial, signal });
  }

  static readonly #STEERING: {
    [K in Steer['kind']]: (sweep: Sweep, steer: Extract<Steer, { kind: K }>, now: number) => void;
  } = {
    setBudget: ({ spec }, { budget }) => {
      const { target, ...rest } = budget;
      Object.assign(spec.budget, rest);
      if (target !== undefined) spec.metrics[0]!.target = target;
    },
    setConcurrency: ({ spec }, { concurrency }) => {
      spec.concurrency = concurrency;
    },
    setSpace: ({ spec, memory }, { space }) => {
      spec.space = space;
      memory.taken = 0;
      memory.answers = [];
    },
    enqueueTrial: ({ memory }, { point }) => {
      memory.queue.push(point);
    },
    stopTrial: (sweep, { trial }, now) => sweep.#stopByHand(trial, now),
    pause: sweep => sweep.#passOn('pause'),
    resume: sweep => sweep.#passOn('resume'),
    stop: sweep => sweep.#end({ state: 'stopped', reason: 'stopped by hand' }),
  };
}

/** Numbers may come as anything from a trial of another version; NaN is null in JSON. */
function finite(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A trial that was stopped may have been so by the sweep, which knows why. */
function whyEnded(trial: OpenTrial, { status, why }: TrialEnd): string | null {
  return status === 'stopped' ? (trial.why ?? why) : why;
}

function withoutState({ rung: _rung, stopping: _stopping, ...trial }: OpenTrial): SweepTrial {
  return trial;
}

function missing(name: string, known: readonly string[], who: string): string {
  if (known.includes(name)) return `${who} told ${name} as no finite number`;
  return `${who} told no metric "${name}"; ${didYouMean(name, known)}`;
}
