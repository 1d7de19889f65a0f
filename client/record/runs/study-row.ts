import { join } from 'node:path';
import type { StudyTable } from '../../../plan/protocol.ts';
import { readStudyFile } from '../../../report/collect/study-file.ts';
import type { RunRow } from './run-row.ts';

/** A study's row: from its table once that is written, else from its trials. */
export async function studyRow(workDir: string, id: string, trials: readonly RunRow[]): Promise<RunRow | null> {
  const table = await readStudyFile(join(workDir, 'studies', id)).then(
    ({ study }) => study,
    () => null,
  );
  const known = { id, kind: 'study' as const, parent: null, stage: '', job: '', workDir };
  if (table) {
    const { metric } = table.spec;
    const best = bestMean(table);
    return {
      ...known,
      state: table.state,
      project: table.project,
      experiment: table.experiment,
      progress: { done: table.counts.done + table.counts.failed + table.counts.stopped, total: table.counts.begun },
      objective: best === null ? null : { ...metric, value: best },
      startedAt: table.startedAt,
      closedAt: table.finishedAt,
    };
  }
  const [first] = trials;
  if (!first) return null;
  const isOver = ({ state }: RunRow) => state === 'done' || state === 'failed' || state === 'stopped';
  return {
    ...known,
    state: trials.some(({ state }) => state === 'running') ? 'running' : 'unfinished',
    project: first.project,
    // Trials that make pools say so behind the study's own name.
    experiment: trials.map(({ experiment }) => experiment).reduce((a, b) => (b.length < a.length ? b : a)),
    progress: { done: trials.filter(isOver).length, total: trials.length },
    objective: null,
    startedAt: Math.min(...trials.map(({ startedAt }) => startedAt)),
    closedAt: null,
  };
}

/** The best mean over seeds of all points. */
function bestMean({ stages, spec }: StudyTable): number | null {
  const means = stages.flatMap(({ points }) => points.map(({ mean }) => mean)).filter(mean => mean !== null);
  if (means.length === 0) return null;
  return spec.metric.goal === 'minimize' ? Math.min(...means) : Math.max(...means);
}
