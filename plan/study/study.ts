import { jsonCopy } from '../json-copy.ts';
import type { StudyOpened, StudyState, StudyTable, TrialEnd } from '../protocol.ts';
import { didYouMean } from '../suggest.ts';
import { bestTimes, judgeStage, operatorRows, ranked, winnerOf } from './judge.ts';
import {
  type Gathered,
  newStudyMemory,
  type OpenStudyTrial,
  type StudyAction,
  type StudyEnding,
  type StudyMemory,
} from './memory.ts';
import { partId, repeatedId, WHOLE } from './places.ts';
import { present } from './statistics.ts';
import type { JudgedStage, Part, Stage, StageKind, StudyPoint, StudySpec, Winner } from './types.ts';

const MOST_NOTES = 40;

/**
 * Decides what a pool study does: which data is made, which points are tried on it, what they say. It is told what happened and asked what is
 * `next`; it reads no clock and draws nothing at random. Plain data inside (`memory`), tested without Temporal.
 */
export class Study {
  readonly memory: StudyMemory;

  constructor(memory: StudyMemory) {
    this.memory = memory;
  }

  static open(study: string, opened: StudyOpened, now: number): Study {
    return new Study(newStudyMemory(study, opened, now));
  }

  get spec(): StudySpec {
    return this.memory.opened.spec;
  }

  get state(): StudyState {
    if (this.memory.ending) return 'ending';
    return this.memory.paused ? 'paused' : 'running';
  }

  /** What is to be done now; null: nothing until something happens. To be asked again after each. */
  next(): StudyAction | null {
    const { memory } = this;
    const order = memory.orders.shift();
    if (order) return order;
    if (memory.ending) return this.#closing(memory.ending);
    if (memory.gather) return { do: 'gather', ...memory.gather };
    if (memory.paused || memory.open.length >= this.spec.concurrency) return null;
    const step = memory.nextStep;
    if (step) {
      memory.nextStep = null;
      return this.#begin({ step, at: null });
    }
    const at = memory.queue.shift();
    if (at) return this.#begin({ step: null, at });
    if (memory.open.length > 0) return null;
    this.#goOn();
    return this.next();
  }

  /** A trial has ended; told again it changes nothing. */
  trialEnded(number: number, end: TrialEnd): void {
    const { memory } = this;
    const trial = memory.open.find(each => each.trial === number);
    if (!trial) return;
    memory.open = memory.open.filter(each => each !== trial);
    if (trial.at) this.#scored(trial.at, number, end);
    else this.#made(trial, end);
  }

  /** The data of the step that was to be gathered is in its place. */
  gathered(found: Gathered): void {
    this.memory.gather = null;
    if (this.memory.ending) return;
    if (found.step === 'split') this.#split(found);
    else if (found.step === 'combine') this.#combine(found);
    else this.#enqueue();
  }

  /** What cannot go on ends the study. */
  failed(reason: string): void {
    this.#end({ state: 'failed', reason });
  }

  stop(): void {
    this.#end({ state: 'stopped', reason: 'stopped by hand' });
  }

  passOn(signal: 'pause' | 'resume'): void {
    this.memory.paused = signal === 'pause';
    for (const { trial } of this.memory.open) this.memory.orders.push({ do: 'tell', trial, signal });
  }

  setConcurrency(concurrency: number): void {
    this.spec.concurrency = concurrency;
  }

  stopTrial(number: number): void {
    const trial = this.memory.open.find(each => each.trial === number);
    if (trial) this.#stop(trial);
  }

  /** What was found is on disk, or cannot be put there. */
  wrote(problem: string | null): void {
    this.memory.written = true;
    if (problem !== null) this.#note(problem);
  }

  stages(): JudgedStage[] {
    return this.memory.stages.map(stage => judgeStage(stage, this.spec));
  }

  winner(stages = this.stages()): Winner | null {
    const winner = winnerOf(stages);
    const repeated = stages.find(({ kind }) => kind === 'repeated');
    return winner && { ...winner, times: repeated ? bestTimes(repeated) : 1 };
  }

  /** Answer to query `table`; `limits` of the winner's parts are in `parts`. */
  table(): Omit<StudyTable, 'message' | 'state' | 'finishedAt'> {
    const { study, opened, startedAt, begun, open, counts, notes, total, parts } = this.memory;
    const { project, experiment, workDir, dir } = opened;
    const { metric, test, alpha, seeds, concurrency } = this.spec;
    const stages = this.stages();
    const [single] = stages;
    return {
      study,
      project,
      experiment,
      workDir,
      dir,
      spec: { metric, test, alpha, seeds, concurrency },
      counts: { begun, running: open.length, ...counts, waiting: this.memory.queue.length },
      total,
      parts,
      stages,
      operators: single ? operatorRows(single) : [],
      winner: this.winner(stages),
      startedAt,
      notes: [...opened.notes, ...notes],
    };
  }

  #begin({ step, at }: Pick<OpenStudyTrial, 'step' | 'at'>): StudyAction {
    this.memory.begun += 1;
    const trial = this.memory.begun;
    this.memory.open.push({ trial, step, at, stopping: false });
    return { do: 'begin', trial, step, at };
  }

  /** A trial that makes data has ended. */
  #made({ trial, step }: OpenStudyTrial, { status, why }: TrialEnd): void {
    const { memory } = this;
    memory.counts[status] += 1;
    if (status === 'done') {
      memory.gather = { trial, step: step! };
      return;
    }
    const what = `trial ${trial}, which makes the data of step ${step!.step}, ${status === 'stopped' ? 'was stopped' : 'failed'}`;
    this.#end({ state: status, reason: why === null ? what : `${what}: ${why}` });
  }

  #scored({ stage, point, seed }: NonNullable<OpenStudyTrial['at']>, number: number, end: TrialEnd): void {
    const { memory } = this;
    const { name } = this.spec.metric;
    const tried = memory.stages[stage]!.points[point]!;
    const told = Object.hasOwn(end.metrics, name) ? end.metrics[name] : undefined;
    const score = end.status === 'done' && typeof told === 'number' && Number.isFinite(told) ? told : null;
    const status = end.status === 'done' && score === null ? 'failed' : end.status;
    memory.counts[status] += 1;
    if (score !== null) {
      tried.scores[seed] = score;
      return;
    }
    tried.failed += 1;
    const problem = end.status === 'done' ? missing(name, Object.keys(end.metrics)) : end.why;
    tried.why = `trial ${number} ${status === 'stopped' ? 'was stopped' : 'failed'}${problem === null ? '' : `: ${problem}`}`;
    const anyScore = memory.stages.some(({ points }) => points.some(({ scores }) => present(scores).length > 0));
    if (end.status === 'done' && told === undefined && !anyScore)
      this.failed(`trial ${number} is done, but ${problem}`);
  }

  #split({ total, parts }: Extract<Gathered, { step: 'split' }>): void {
    const { memory } = this;
    memory.total = total;
    memory.parts = parts;
    const samples = this.spec.samples ?? Math.min(...parts.map(({ rows }) => rows));
    const points = parts.map(part => this.#point(partId(part), [plain(part)], samples));
    this.#openStage('single', samples, points);
  }

  #combine({ sets }: Extract<Gathered, { step: 'combine' }>): void {
    const { memory } = this;
    const pool = memory.stages[0]!.samples;
    const least = this.spec.minSamples ?? Math.max(1, Math.floor(pool / 4));
    const kept = sets.filter(({ rows }) => rows >= least);
    const all = 2 ** memory.combined.length - 1;
    if (kept.length < all)
      this.#note(`${all - kept.length} of ${all} combinations have fewer than ${least} samples and are left out`);
    if (!kept.some(({ ranks }) => ranks.length > 1)) {
      this.#afterCombined();
      return;
    }
    const samples = Math.min(pool, ...kept.map(({ rows }) => rows));
    const points = kept.map(({ id, ranks }) =>
      this.#point(
        id,
        ranks.map(rank => plain(memory.combined[rank]!)),
        samples,
      ),
    );
    this.#openStage('combined', samples, points);
  }

  /** Begins a stage with the whole data at the same size, and has its pools brought to that size. */
  #openStage(kind: StageKind, samples: number, points: StudyPoint[]): void {
    this.memory.stages.push({ kind, samples, points: [this.#point(WHOLE, [], samples), ...points] });
    this.memory.nextStep = { step: 'sample', ids: [...points.map(({ id }) => id), WHOLE], samples };
  }

  #point(id: string, parts: Part[], samples: number, times = 1): StudyPoint {
    return { id, parts, times, samples, scores: this.spec.seeds.map(() => null), failed: 0, why: null };
  }

  /** Seed by seed, so that every point is known a little before any is known well. */
  #enqueue(): void {
    const stage = this.memory.stages.length - 1;
    const { kind, points } = this.memory.stages[stage]!;
    // A pool that is not repeated has its scores from before.
    for (const seed of this.spec.seeds.keys())
      for (const point of points.keys())
        if (kind !== 'repeated' || point > 0) this.memory.queue.push({ stage, point, seed });
  }

  /** All points of a stage have been tried. */
  #goOn(): void {
    const stage = this.memory.stages.at(-1)!;
    if (stage.kind === 'single') this.#afterSingle(stage);
    else if (stage.kind === 'combined') this.#afterCombined();
    else this.#end({ state: 'done', reason: this.#conclusion() });
  }

  #afterSingle(stage: Stage): void {
    const { memory, spec } = this;
    const [whole] = stage.points;
    if (present(whole!.scores).length === 0) {
      this.failed(`no trial on the whole data has an objective, so that nothing can be compared: ${whole!.why}`);
      return;
    }
    const gaining = operatorRows(judgeStage(stage, spec)).filter(({ ends }) =>
      ends.some(({ gain }) => (gain ?? 0) > 0),
    );
    const best = gaining.slice(0, spec.combine);
    memory.combined = best.map(
      ({ op, stat, best }) => memory.parts.find(part => part.op === op && part.stat === stat && part.end === best)!,
    );
    if (spec.combine > 0 && best.length < spec.combine)
      this.#note(
        `${best.length} of the ${spec.combine} operators that were to be combined have a pool above the whole data`,
      );
    if (best.length < 2) this.#afterCombined();
    else memory.nextStep = { step: 'combine', ids: memory.combined.map(partId) };
  }

  #afterCombined(): void {
    const { memory, spec } = this;
    const winner = this.winner();
    if (winner === null || spec.repeat.length === 0) {
      this.#end({ state: 'done', reason: this.#conclusion() });
      return;
    }
    const { id, parts, samples } = winner;
    const once = memory.stages
      .flatMap(({ points }) => points)
      .findLast(point => point.id === id && point.samples === samples)!;
    const points = spec.repeat.map(times => this.#point(repeatedId(id, times), parts, samples * times, times));
    memory.stages.push({ kind: 'repeated', samples, points: [jsonCopy(once), ...points] });
    memory.nextStep = { step: 'repeat', id, samples, times: spec.repeat };
  }

  #conclusion(): string {
    const stages = this.stages();
    const winner = this.winner(stages);
    if (winner === null) {
      const tried = stages.flatMap(ranked).length;
      return tried === 0 ? 'no pool has an objective' : 'no pool is better than the whole data';
    }
    const what = `${winner.id}${winner.times > 1 ? `, repeated ${winner.times} times` : ''}`;
    const proof = winner.proven ? 'better than the whole data by more than noise' : 'the best, by no more than noise';
    return `${what}: ${proof}`;
  }

  #end(ending: StudyEnding): void {
    this.memory.ending ??= ending;
  }

  #stop(trial: OpenStudyTrial): void {
    if (trial.stopping) return;
    trial.stopping = true;
    this.memory.orders.push({ do: 'tell', trial: trial.trial, signal: 'stop' });
  }

  #closing(ending: StudyEnding): StudyAction | null {
    const { memory } = this;
    for (const trial of memory.open) this.#stop(trial);
    const order = memory.orders.shift();
    if (order) return order;
    if (memory.open.length > 0) return null;
    if (!memory.written && memory.stages.length > 0) return { do: 'write', ending };
    return { do: 'close', ending };
  }

  #note(text: string): void {
    if (this.memory.notes.length < MOST_NOTES && !this.memory.notes.includes(text)) this.memory.notes.push(text);
  }
}

const plain = ({ op, stat, end }: Part): Part => ({ op, stat, end });

function missing(name: string, known: readonly string[]): string {
  if (known.includes(name)) return `it told ${name} as no finite number`;
  return `it told no metric "${name}"; ${didYouMean(name, known)}`;
}
