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
import { clip } from '../plan/clip.ts';
import { FAILURES, type StudyFiles, type StudyInput, type StudyResult, type StudyTable } from '../plan/protocol.ts';
import type { StudyAction, StudyEnding, StudyMemory } from '../plan/study/memory.ts';
import { sampledPool } from '../plan/study/places.ts';
import { stepConfig, stepTitle } from '../plan/study/pool-trials.ts';
import { Study } from '../plan/study/study.ts';
import { pointTitle, tableText } from '../plan/study/table-text.ts';
import { memoryInPieces } from '../plan/sweep/memory.ts';
import { trialIdOf } from '../plan/trial-of.ts';
import { control, failureSentence } from './activity-calls.ts';
import { publishSweepAttributes } from './attributes.ts';
import { Children, type ChildStart, handedOn } from './children.ts';
import { plainMarkdown } from './markdown.ts';
import { wireStudy } from './study-handlers.ts';

/** A run is no longer than this, so that a worker that takes it over is not long about it. */
const MOST_EVENTS = 3_000;
/** The server refuses details over 20,000 bytes. */
const DETAILS_CHARS = 8_000;

/** A pool study: the bottom-up method as one run; its trials are child workflows. `pieces`: what an earlier run of it knew. */
export async function sandboxPoolStudy(input: StudyInput, ...pieces: string[]): Promise<StudyResult> {
  // What ends the study is passed on to its trials by word, so that they save what they have.
  const cancelled = CancellationScope.current().cancelRequested;
  const opening = pieces.length > 0 ? new Study(JSON.parse(pieces.join('')) as StudyMemory) : null;
  return await CancellationScope.nonCancellable(async () => {
    let running: Running | null = null;
    wireStudy({
      study: () => running?.study ?? null,
      wake: () => running?.wake(),
      table: () => running!.table(),
    });
    running = new Running(opening ?? (await open(input)), input);
    return await running.untilOver(cancelled);
  });
}

async function open(input: StudyInput): Promise<Study> {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const opened = await control('read the study').openStudy({
    input,
    study: { id: workflowId, runId: firstExecutionRunId },
  });
  publishSweepAttributes(opened, 'running');
  return Study.open(workflowId, opened, Date.now());
}

/** One run of a study's workflow. */
class Running {
  readonly study: Study;
  readonly #input: StudyInput;
  readonly #children: Children;
  #awake = true;
  #isCancelled = false;
  #ended: StudyEnding['state'] | null = null;
  #finishedAt: number | null = null;
  #files: StudyFiles | null = null;

  constructor(study: Study, input: StudyInput) {
    this.study = study;
    this.#input = input;
    this.#children = new Children(study.memory.study, (trial, end) => {
      study.trialEnded(trial, end);
      this.wake();
    });
  }

  async untilOver(cancelled: Promise<never>): Promise<StudyResult> {
    cancelled.catch(() => {
      this.#isCancelled = true;
      this.study.stop();
      this.wake();
    });
    for (;;) {
      const action = this.study.next();
      if (action?.do === 'close') return await this.#close(action.ending);
      if (action) await this.#perform(action);
      else await this.#rest();
    }
  }

  wake(): void {
    this.#awake = true;
  }

  async #perform(action: Exclude<StudyAction, { do: 'close' }>): Promise<void> {
    switch (action.do) {
      case 'begin':
        return this.#children.begin(action.trial, studyTrial(this.study.memory, this.#input, action));
      case 'tell':
        return this.#children.tell(action.trial, action.signal);
      case 'gather':
        return await this.#gather(action);
      case 'write':
        return await this.#write(action.ending);
    }
  }

  async #gather({ trial, step }: Extract<StudyAction, { do: 'gather' }>): Promise<void> {
    const { study, opened } = this.study.memory;
    const { ops, samples } = this.study.spec;
    const { dir, workDir } = opened;
    try {
      const found = await control(`gather: ${stepTitle(step)}`).gatherPools({
        trial: trialIdOf(study, trial),
        step,
        opened: { dir, workDir },
        ops,
        samples,
      });
      this.study.gathered(found);
    } catch (error) {
      this.study.failed(failureSentence(error));
    }
  }

  async #write({ state, reason }: StudyEnding): Promise<void> {
    try {
      this.#files = await control('write the table and the recipe').writeStudy({
        spec: this.study.spec,
        table: { ...this.table(), state, message: reason, finishedAt: Date.now() },
      });
      this.study.wrote(null);
    } catch (error) {
      this.study.wrote(`what was found cannot be written: ${failureSentence(error)}`);
    }
  }

  /** Nothing is to be done until something happens. */
  async #rest(): Promise<void> {
    this.#awake = false;
    this.#tell();
    if (workflowInfo().continueAsNewSuggested || workflowInfo().historyLength > MOST_EVENTS) await this.#continue();
    const { open } = this.study.memory;
    const lookIn = this.#children.lookIn(open);
    if (lookIn === null) await condition(() => this.#awake);
    else if (lookIn > 0)
      await condition(() => this.#awake, lookIn, { summary: 'then a look for trials that ended unheard' });
    else await this.#children.look(open);
  }

  async #continue(): Promise<void> {
    await condition(() => this.#children.settled);
    await condition(allHandlersFinished);
    if (!this.#children.settled || !allHandlersFinished()) return;
    // What came meanwhile is in the memory that goes on.
    if (this.#awake && !patched('continues-while-busy')) return;
    await continueAsNew<typeof sandboxPoolStudy>(this.#input, ...memoryInPieces(this.study.memory));
  }

  async #close({ state, reason }: StudyEnding): Promise<StudyResult> {
    await condition(() => this.#children.settled);
    await condition(allHandlersFinished);
    this.#ended = state;
    this.#finishedAt = Date.now();
    publishSweepAttributes(this.study.memory.opened, state);
    this.#tell();
    if (this.#isCancelled) throw new CancelledFailure(reason);
    if (state === 'failed') throw ApplicationFailure.nonRetryable(reason, FAILURES.config);
    const { winner, counts } = this.study.table();
    return { state, reason, winner, counts, files: this.#files };
  }

  table(): StudyTable {
    const { ending } = this.study.memory;
    return {
      ...this.study.table(),
      state: this.#ended ?? this.study.state,
      message: ending?.reason ?? null,
      finishedAt: this.#finishedAt,
    };
  }

  #tell(): void {
    setCurrentDetails(clip(tableText(this.table(), plainMarkdown), DETAILS_CHARS));
  }
}

/** A trial of a study: one that makes data, or the user's config on a pool and a seed. */
function studyTrial(
  { study, opened, stages }: StudyMemory,
  { config, set, ...given }: StudyInput,
  { trial, step, at }: Extract<StudyAction, { do: 'begin' }>,
): ChildStart {
  const { spec, project, experiment, dir } = opened;
  const shared = {
    sweep: { id: study, trial, metrics: [spec.metric.name] },
    ...handedOn(given),
  };
  const about = (line: string) => ({
    summary: `trial ${trial}: ${line}`,
    details: `${project} / ${experiment}\n- ${line}`,
  });
  if (step) return { input: { config: stepConfig(step, opened), ...shared }, ...about(stepTitle(step)) };
  const { samples, points } = stages[at!.stage]!;
  const point = points[at!.point]!;
  const seed = spec.seeds[at!.seed]!;
  const values = {
    [spec.dataset]: sampledPool(dir, samples, point.id),
    ...(spec.seed !== null && { [spec.seed]: seed }),
  };
  return {
    input: { config, set: { ...set, ...values }, ...shared },
    ...about(`${pointTitle(point)}, seed ${seed}`),
  };
}
