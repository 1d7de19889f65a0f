// A work_dir with a pool study in it as workers leave it: the table is what the study really judges, its trials are played.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { safeName } from '../../activities/runtime/safe-name.ts';
import type { StudyTable } from '../../plan/protocol.ts';
import { sampledPool } from '../../plan/study/places.ts';
import { jobOf } from '../../plan/study/pool-trials.ts';
import type { StudyPoint, StudySpec } from '../../plan/study/types.ts';
import { StudyAtDesk, studySpec } from './studies.ts';

export interface StudyToMake {
  id?: string;
  project?: string;
  spec?: Partial<StudySpec>;
  /** Of a trial; null: it fails. */
  score?: (point: StudyPoint, seed: number) => number | null;
  /** The study has not ended: no study.json is written. */
  runs?: boolean;
}

/** 2026-01-01. */
const START = Date.UTC(2026, 0, 1);
const SECONDS = 10;

/** Pools of the high end of `a` are best, with some noise by seed. */
const scoreOf = ({ parts, times }: StudyPoint, seed: number): number =>
  Number(
    (
      0.5 +
      (parts.some(({ op, end }) => op === 'a_filter' && end === 'high') ? 0.2 : 0) -
      0.01 * times +
      0.004 * Math.sin(17 * seed + 5 * parts.length)
    ).toFixed(6),
  );

/** Writes the study and returns its table. */
export function makeStudyWorkDir(
  workDir: string,
  { id = 's', project = 'project', spec, score = scoreOf, runs = false }: StudyToMake = {},
): StudyTable {
  const desk = new StudyAtDesk(studySpec(spec), score);
  const ending = desk.run();
  const dir = join(workDir, 'studies', safeName(id));
  mkdirSync(join(dir, 'pools'), { recursive: true });
  const { study } = desk;
  const table: StudyTable = {
    ...study.table(),
    study: id,
    project,
    workDir,
    dir,
    state: ending.state,
    message: ending.reason,
    startedAt: START,
    finishedAt: START + desk.begun.length * SECONDS * 1000,
  };
  for (const { trial, step, at } of desk.begun) {
    const point = at && study.memory.stages[at.stage]!.points[at.point]!;
    const kind = at && study.memory.stages[at.stage]!.kind;
    const from = START + trial * SECONDS * 1000;
    const pool = point && sampledPool(dir, kind === 'repeated' ? point.samples / point.times : point.samples, point.id);
    const value = point && at ? (point.scores[at.seed] ?? null) : null;
    const jobs = step
      ? [
          {
            name: jobOf(step),
            hook: 'DataPoolManipulationHook',
            reads: [] as string[],
            metrics: { samples_in: 300 } as Record<string, number>,
          },
        ]
      : [
          { name: 'train', hook: 'TrainModelHook', reads: [pool!], metrics: { steps: 20 } as Record<string, number> },
          {
            name: 'judge',
            hook: 'EvaluateModelHook',
            reads: [],
            metrics: (value === null ? {} : { score: value }) as Record<string, number>,
          },
        ];
    writeTrial(workDir, {
      trial: `${id}.trial-${trial}`,
      project,
      jobs,
      from,
      isDone: step !== null || value !== null,
    });
  }
  if (!runs) writeFileSync(join(dir, 'study.json'), JSON.stringify({ ...table, limits: [], files: null }, null, 2));
  return table;
}

interface TrialToWrite {
  trial: string;
  project: string;
  jobs: { name: string; hook: string; reads: string[]; metrics: Record<string, number> }[];
  from: number;
  isDone: boolean;
}

function writeTrial(workDir: string, { trial, project, jobs, from, isDone }: TrialToWrite): void {
  const planned = jobs.map(({ name, hook, reads }, i) => ({
    id: `main.${i + 1}-${name}`,
    pipeline: 'main',
    stage: 'execution',
    n: i + 1,
    hook,
    metaName: name,
    component: `play.${name}`,
    key: `${safeName(trial)}-${name}`,
    resources: { tag: 'gpu', gpus: 1 },
    reads: reads.map(path => ({ at: 'extra_configs.data', path, kind: 'dataset', fingerprint: null })),
    outputs: [],
    writes: [],
  }));
  const folder = join(workDir, 'trials', safeName(trial));
  mkdirSync(folder, { recursive: true });
  const pipelines = [{ name: 'main', stages: [{ name: 'execution', jobs: planned }] }];
  writeFileSync(
    join(folder, 'plan-1.json'),
    JSON.stringify({
      version: 1,
      projectName: project,
      experimentName: 'experiment',
      workDir,
      iteration: 1,
      pipelines,
    }),
  );
  for (const [i, { metrics, name }] of jobs.entries()) {
    const key = planned[i]!.key;
    const program = join(workDir, 'jobs', key, 'epoch-1');
    mkdirSync(program, { recursive: true });
    if (name === 'train') {
      const lines = Array.from({ length: 20 }, (_, step) =>
        JSON.stringify({
          t: from / 1000,
          segment: 1,
          step: step + 1,
          total: 20,
          loss: Number((1 / (step + 1)).toFixed(4)),
          offset: step,
        }),
      );
      writeFileSync(join(program, 'metrics.jsonl'), `${lines.join('\n')}\n`);
    }
    if (!isDone) continue;
    const at = (seconds: number) => new Date(from + seconds * 1000).toISOString();
    writeFileSync(
      join(workDir, 'jobs', key, 'manifest.json'),
      JSON.stringify({
        version: 1,
        key,
        component: planned[i]!.component,
        epoch: 1,
        trial,
        host: 'host',
        startedAt: at(3 * i),
        finishedAt: at(3 * i + 3),
        seconds: 3,
        config: {},
        producers: [],
        results: [],
        writes: {},
        metrics,
        files: [],
        versions: {},
        devices: name === 'train' ? ['gpu-0'] : [],
        notes: [],
      }),
    );
  }
}
