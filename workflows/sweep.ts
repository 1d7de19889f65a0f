import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  patched,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import { FAILURES, type Leaderboard, type SweepInput, type SweepResult } from '../plan/protocol.ts';
import { type Action, memoryFrom, memoryInPieces, type SweepMemory } from '../plan/sweep/memory.ts';
import { Sweep } from '../plan/sweep/sweep.ts';
import { control, failureSentence } from './activity-calls.ts';
import { publishSweepAttributes } from './attributes.ts';
import { Children, type ChildStart, handedOn } from './children.ts';
import { sweepDetails } from './sweep-details.ts';
import { wireSweep } from './sweep-handlers.ts';

/** Decisions are written to disk when so many are new, or when the oldest of them is so old. */
const SAVE_COUNT = 100;
const SAVE_AFTER_MS = 10_000;
/** Kept in memory at most, where they cannot be written. */
const MOST_UNSAVED = 5_000;
/** A run is no longer than this, so that a worker that takes it over is not long about it. */
const MOST_EVENTS = 3_000;

/** A sweep: trials as child workflows until its budget is used up. `pieces`: what an earlier run of it knew. */
export async function sandboxSweep(input: SweepInput, ...pieces: string[]): Promise<SweepResult> {
  // What ends the sweep is passed on to its trials by word, so that they save what they have.
  const cancelled = CancellationScope.current().cancelRequested;
  const opening = pieces.length > 0 ? Promise.resolve(new Sweep(memoryFrom(pieces))) : null;
  return await CancellationScope.nonCancellable(async () => {
    let running: Running | null = null;
    wireSweep({
      sweep: () => running?.sweep ?? null,
      wake: () => running?.wake(),
      leaderboard: () => running!.leaderboard(),
      check: ({ spec: { sampler, space } }, asked) =>
        control('check what was asked for').checkSteering({ input, sampler, space, ...asked }),
    });
    running = new Running(await (opening ?? open(input)), input);
    return await running.untilOver(cancelled);
  });
}

async function open(input: SweepInput): Promise<Sweep> {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const opened = await control('read the sweep').openSweep({
    input,
    sweep: { id: workflowId, runId: firstExecutionRunId },
  });
  publishSweepAttributes(opened, 'running');
  return Sweep.open(workflowId, firstExecutionRunId, opened, Date.now());
}

/** One run of a sweep's workflow. */
class Running {
  readonly sweep: Sweep;
  readonly #input: SweepInput;
  readonly #children: Children;
  #awake = true;
  #isCancelled = false;
  #message: string | null = null;
  #ended: Leaderboard['state'] | null = null;
  #savedAt = Date.now();

  constructor(sweep: Sweep, input: SweepInput) {
    this.sweep = sweep;
    this.#input = input;
    this.#children = new Children(sweep.memory.sweep, (trial, end) => {
      sweep.trialEnded(trial, end, Date.now());
      this.wake();
    });
  }

  async untilOver(cancelled: Promise<never>): Promise<SweepResult> {
    cancelled.catch(() => {
      this.#isCancelled = true;
      this.sweep.steered({ kind: 'stop' }, Date.now());
      this.wake();
    });
    for (;;) {
      const action = this.sweep.next(Date.now());
      if (action?.do === 'close') return await this.#close(action);
      if (action) await this.#perform(action);
      else await this.#rest();
    }
  }

  wake(): void {
    this.#awake = true;
  }

  async #perform(action: Exclude<Action, { do: 'close' }>): Promise<void> {
    switch (action.do) {
      case 'begin':
        return this.#children.begin(action.trial, sweepTrial(this.sweep.memory, this.#input, action));
      case 'promote':
        return this.#children.promote(action.trial, action.rung);
      case 'tell':
        return this.#children.tell(action.trial, action.signal);
      case 'ask':
        return await this.#ask(action.next, action.count);
    }
  }

  async #ask(next: number, count: number): Promise<void> {
    const { memory, spec } = this.sweep;
    const { space } = spec;
    try {
      const answers = await control(`ask ${spec.sampler} for ${count} points`).suggestPoints({
        settled: memory.ledger,
        tail: memory.unsaved,
        next,
        count,
        ...(this.#input.baseDir !== undefined && { baseDir: this.#input.baseDir }),
      });
      // What was asked for another space, or while the sweep began to end, is of no use.
      if (space === spec.space && !memory.ending) this.sweep.answered(answers);
    } catch (error) {
      this.sweep.failed(`sampler ${spec.sampler}: ${failureSentence(error)}`, Date.now());
    }
  }

  /** Nothing is to be done: what is new is written down; then until something happens. */
  async #rest(): Promise<void> {
    const { memory, deadline } = this.sweep;
    this.#awake = false;
    this.#tell();
    if (memory.unsaved.length >= SAVE_COUNT || (memory.unsaved.length > 0 && this.#waitToSave() <= 0))
      return await this.#save();
    if (workflowInfo().continueAsNewSuggested || workflowInfo().historyLength > MOST_EVENTS) await this.#continue();
    const lookIn = this.#children.lookIn(memory.open);
    if (lookIn !== null && lookIn <= 0) return await this.#children.look(memory.open);
    const waits = [
      ...(memory.unsaved.length > 0 ? [this.#waitToSave()] : []),
      ...(deadline === null || memory.ending ? [] : [deadline - Date.now()]),
      ...(lookIn === null ? [] : [lookIn]),
    ];
    if (waits.length === 0) await condition(() => this.#awake);
    else {
      const summary = 'until decisions are written down, or for trials that ended unheard, or the time is over';
      await condition(() => this.#awake, Math.max(1, Math.min(...waits)), { summary });
    }
  }

  #waitToSave(): number {
    return this.#savedAt + SAVE_AFTER_MS - Date.now();
  }

  async #save(): Promise<void> {
    const { memory } = this.sweep;
    const decisions = [...memory.unsaved];
    this.#savedAt = Date.now();
    try {
      const ledger = await control('write the decisions down').recordDecisions({
        ledger: memory.ledger,
        decisions,
      });
      this.sweep.saved(ledger, decisions.length);
      this.#message = null;
    } catch (error) {
      // The trials go on: what could not be written is kept, and tried again.
      this.#message = `the decisions cannot be written: ${failureSentence(error)}`;
      if (memory.unsaved.length > MOST_UNSAVED) this.sweep.failed(this.#message, Date.now());
    }
  }

  async #continue(): Promise<void> {
    await condition(() => this.#children.settled);
    await condition(allHandlersFinished);
    if (this.sweep.memory.unsaved.length > 0) await this.#save();
    if (!this.#children.settled || !allHandlersFinished()) return;
    // What came meanwhile is in the memory that goes on; a sweep in which always something ends would else never get here.
    if (this.#awake && !patched('continues-while-busy')) return;
    await continueAsNew<typeof sandboxSweep>(this.#input, ...memoryInPieces(this.sweep.memory));
  }

  async #close({ state, reason }: Extract<Action, { do: 'close' }>): Promise<SweepResult> {
    await condition(() => this.#children.settled);
    await condition(allHandlersFinished);
    await this.#save();
    const { memory } = this.sweep;
    this.#message = reason;
    this.#ended = state;
    publishSweepAttributes(memory.opened, state);
    this.#tell();
    if (this.#isCancelled) throw new CancelledFailure(reason);
    if (state === 'failed') throw ApplicationFailure.nonRetryable(reason, FAILURES.config);
    return { state, reason, best: memory.best[0] ?? null, counts: this.sweep.counts(), ledger: memory.ledger };
  }

  leaderboard(): Leaderboard {
    const { state, memory } = this.sweep;
    return {
      ...this.sweep.leaderboard(),
      state: this.#ended ?? state,
      message: this.#message ?? memory.ending?.reason ?? null,
      finishedAt: this.#ended ? Date.now() : null,
    };
  }

  #tell(): void {
    setCurrentDetails(sweepDetails(this.leaderboard(), this.sweep.memory.recent));
  }
}

/** A trial of a sweep: its values over those of the sweep. */
function sweepTrial(
  { sweep, opened }: SweepMemory,
  { config, set, ...shared }: SweepInput,
  { trial, point }: Extract<Action, { do: 'begin' }>,
): ChildStart {
  const { spec, project, experiment, rungs } = opened;
  const values = Object.entries(point).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  return {
    input: {
      config,
      set: { ...set, ...point },
      sweep: { id: sweep, trial, metrics: spec.metrics.map(({ name }) => name), ...(rungs && { rungs }) },
      ...handedOn(shared),
    },
    priority: spec.priority,
    weight: spec.weight,
    summary: `trial ${trial}: ${values.join(', ')}`,
    details: [`${project} / ${experiment}`, ...values.map(value => `- \`${value}\``)].join('\n'),
  };
}
