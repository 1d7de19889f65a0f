import { condition, setHandler } from '@temporalio/workflow';
import type { StudyTable } from '../plan/protocol.ts';
import type { Study } from '../plan/study/study.ts';
import { concurrencyProblem, trialProblem } from '../plan/sweep/steering.ts';
import * as messages from './messages.ts';

/** What handlers need of the workflow. */
export interface StudySurroundings {
  /** Null while its file is read: what comes then waits. */
  study: () => Study | null;
  /** Has the workflow look what is to be done. */
  wake: () => void;
  table: () => StudyTable;
}

/** Connects a study's messages to its state. */
export function wireStudy({ study: current, wake, table }: StudySurroundings): void {
  const act = async (what: (study: Study) => void) => {
    if (current() === null) await condition(() => current() !== null);
    what(current()!);
    wake();
  };
  setHandler(messages.table, () => {
    if (current() === null) throw new Error('the study is being read: ask again in a moment');
    return table();
  });
  setHandler(messages.trialReport, report =>
    act(study => {
      if (report.kind === 'end') study.trialEnded(report.trial, report.end);
    }),
  );
  setHandler(messages.pause, () => act(study => study.passOn('pause')));
  setHandler(messages.resume, () => act(study => study.passOn('resume')));
  setHandler(messages.stop, () => act(study => study.stop()));
  setHandler(messages.setConcurrency, concurrency => act(study => study.setConcurrency(concurrency)), {
    validator: concurrency => refuse(current(), concurrencyProblem(concurrency)),
  });
  setHandler(messages.stopTrial, ({ trial }) => act(study => study.stopTrial(trial)), {
    validator: args => refuse(current(), trialProblem(current(), args?.trial)),
  });
}

/** @throws Error where the study ends, or the wish has a problem. */
function refuse(study: Study | null, problem: string | null): void {
  const ending = study?.memory.ending;
  if (ending) throw new Error(`the study ends (${ending.reason}): there is nothing to steer`);
  if (problem !== null) throw new Error(problem);
}
