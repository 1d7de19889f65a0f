// A small trial's files, as workers leave them: an analysis, a refinement, a processing, a training, videos and scores.
import { mkdirSync, mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Manifest } from '../../plan/manifest.ts';
import type { JsonObject, Plan, PlanJob } from '../../plan/plan.ts';
import { collectReport, renderReport } from '../../report/index.ts';
import type { CollectOptions } from '../../report/model/report.ts';
import type { TrialModel } from '../../report/model/trial.ts';

export const START = Date.parse('2026-03-01T10:00:00Z');
const HOSTILE = `<script>alert("x")</script> ' & 😀 \u202e`;

/** Texts of its data: the short ones are dropped. */
export const TEXTS = ['a', 'bb', 'a long text', 'another long text', `${HOSTILE} ${'long '.repeat(400)}`];

export interface FilesOptions {
  id?: string;
  metaName?: string;
  /** Bytes of the videos, by their names. */
  videos?: Record<string, Uint8Array>;
  /** Names that are as bad as they may be. */
  hostile?: boolean;
  /** The last job of it failed, and those after it have not begun. */
  failed?: boolean;
}

export interface TrialFiles {
  workDir: string;
  id: string;
  jobs: Record<string, { key: string; dir: string }>;
  collect: (options?: Partial<CollectOptions>) => Promise<TrialModel>;
  page: (options?: Partial<CollectOptions>) => Promise<string>;
}

/** Writes the files of a trial into a new work_dir. */
export function trialFiles({ id = 't', videos = {}, hostile = false, failed = false }: FilesOptions = {}): TrialFiles {
  const workDir = mkdtempSync(join(tmpdir(), 'dj-report-'));
  const write = (path: string, text: string | Uint8Array) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  const jobs: TrialFiles['jobs'] = {};
  const plan: PlanJob[] = [];
  const title = (name: string) => (hostile ? `${name} ${HOSTILE}${'y'.repeat(2000)}` : name);
  let at = START;

  const add = (
    name: string,
    about: {
      stage: PlanJob['stage'];
      hook: string;
      component: string;
      seconds?: number;
      devices?: string[];
      done?: boolean;
      trial?: string;
    },
    made: Partial<Manifest> & { contents?: Record<string, string | Uint8Array>; beside?: Record<string, string> },
  ) => {
    const n = plan.length + 1;
    const key = `${n}`.padStart(2, '0').repeat(10);
    const dir = join(workDir, 'jobs', key);
    jobs[name] = { key, dir };
    plan.push({
      id: `anonymous.${n}-${name}`,
      pipeline: 'anonymous',
      stage: about.stage,
      n,
      hook: about.hook,
      metaName: title(name),
      component: about.component,
      componentVersion: 1,
      key,
      cache: true,
      outputs: [],
      inputs: [],
      edges: [],
      needs: [],
      writes: [],
      reads: [
        {
          at: 'dj_configs.dataset_path',
          path: join(workDir, 'data.jsonl'),
          kind: 'dataset',
          fingerprint: 'f'.repeat(64),
        },
      ],
      config: { dj_configs: null, extra_configs: null },
    } as unknown as PlanJob);
    const { contents = {}, beside = {}, ...rest } = made;
    for (const [path, text] of Object.entries({ ...contents, ...beside })) write(join(dir, path), text);
    const { seconds = 10 } = about;
    const manifest = {
      version: 1,
      key,
      component: about.component,
      componentVersion: 1,
      hook: about.hook,
      epoch: 1,
      trial: about.trial ?? id,
      job: `anonymous.${n}-${name}`,
      host: 'host',
      startedAt: new Date(at).toISOString(),
      finishedAt: new Date(at + seconds * 1000).toISOString(),
      seconds,
      config: { dj_configs: null, extra_configs: null },
      producers: [],
      results: [],
      writes: {},
      metrics: {},
      provides: {},
      files: Object.keys(contents).map(path => ({ path, bytes: 1, sha256: 'a'.repeat(64) })),
      versions: { torch: '2.8.0' },
      devices: about.devices ?? [],
      notes: [],
      ...rest,
    };
    at += seconds * 1000;
    if (about.done !== false) write(join(dir, 'manifest.json'), JSON.stringify(manifest));
  };

  const old: JsonObject = {
    dataset_path: 'data.jsonl',
    process: [{ text_length_filter: { min_len: 1, max_len: 99_999 } }],
  };
  const refined: JsonObject = { ...old, process: [{ text_length_filter: { min_len: 4, max_len: 99_999 } }] };
  const stats = (text: string) => ({ text_len: text.length, lang: text.length % 2 ? 'en' : 'de' });
  const lines = (texts: readonly string[], withStats: boolean) =>
    texts.map(text => `${JSON.stringify({ text, ...(withStats && { __dj__stats__: stats(text) }) })}\n`).join('');
  const statLines = (texts: readonly string[]) =>
    texts.map(text => `${JSON.stringify({ __dj__stats__: stats(text) })}\n`).join('');
  const kept = TEXTS.filter(({ length }) => length >= 4);
  const means = (texts: readonly string[]) => ({
    samples: texts.length,
    'text_len.mean': texts.join('').length / texts.length,
    'text_len.std': 1.5,
  });
  const segments = [
    {
      segment: 1,
      epoch: 1,
      from: null,
      step: 0,
      t: START / 1000 + 30,
      ended: { why: 'died', code: 1, signal: 'SIGKILL', furthest: 30, total: 60, t: START / 1000 + 60 },
    },
    {
      segment: 2,
      epoch: 1,
      from: 'checkpoint-20',
      step: 20,
      t: START / 1000 + 61,
      ended: { why: 'exited', code: 0, signal: null, furthest: 60, total: 60, t: START / 1000 + 100 },
    },
  ];
  const loss = Array.from(
    { length: 60 },
    (_, i) =>
      `${JSON.stringify({ t: START / 1000 + i, segment: 1, step: i + 1, total: 60, loss: i === 30 ? 'NaN' : 1 / (i + 1), val_loss: 1 / (i + 2), lr: 0.001, worse: 'Infinity' })}\n`,
  );

  add(
    'analyse',
    { stage: 'probe', hook: 'ProbeViaAnalyzerHook', component: 'probe.analyzer' },
    {
      config: { dj_configs: old, extra_configs: null },
      metrics: means(TEXTS),
      writes: { 'dj_configs.export_path': 'epoch-1/out/a.jsonl' },
      contents: { 'epoch-1/out/a.jsonl': lines(TEXTS, true), 'epoch-1/out/a_stats.jsonl': statLines(TEXTS) },
    },
  );
  add(
    'refine',
    { stage: 'refine', hook: 'RefineRecipeViaKSigmaHook', component: 'refine.k-sigma', trial: 'earlier' },
    {
      config: { dj_configs: old, extra_configs: null },
      producers: [jobs.analyse!.key],
      results: [{ kind: 'path', path: 'epoch-1/out/r.yaml' }],
      contents: {
        'epoch-1/out/r.yaml':
          'dataset_path: data.jsonl\nprocess:\n  - text_length_filter:\n      min_len: 4 # was 1; text_len: mean 5 - 1 x std 1\n      max_len: 99999\n',
      },
    },
  );
  add(
    'process',
    { stage: 'execution', hook: 'ProcessDataHook', component: 'process.data-juicer' },
    {
      config: { dj_configs: refined, extra_configs: null },
      producers: [jobs.refine!.key],
      metrics: { samples_in: TEXTS.length, samples_out: kept.length, 'kept.text_length_filter': kept.length },
      writes: { 'dj_configs.export_path': 'epoch-1/out/p.jsonl' },
      contents: { 'epoch-1/out/p.jsonl': lines(kept, false), 'epoch-1/out/p_stats.jsonl': statLines(kept) },
    },
  );
  add(
    'train',
    {
      stage: 'execution',
      hook: 'TrainModelHook',
      component: 'train.small',
      seconds: 70,
      devices: ['gpu0', 'gpu1'],
      done: !failed,
    },
    {
      producers: [jobs.process!.key],
      metrics: { steps: 60, first_loss: 1, last_loss: 0.02 },
      versions: { torch: '2.8.0' },
      beside: {
        'epoch-1/metrics.jsonl': loss.join(''),
        'epoch-1/segments.json': JSON.stringify(failed ? segments.slice(0, 1) : segments),
        ...(failed && {
          'epoch-1/exit.json': JSON.stringify({
            segment: 1,
            epoch: 1,
            code: 1,
            signal: 'SIGKILL',
            why: 'died',
            detail: null,
            final: true,
          }),
        }),
      },
    },
  );
  if (!failed) {
    for (const [name, producers] of [
      ['infer_base', []],
      ['infer_lora', [jobs.train!.key]],
    ] as const)
      add(
        name,
        { stage: 'execution', hook: 'InferModelHook', component: 'infer.small' },
        {
          producers: [...producers],
          config: { dj_configs: null, extra_configs: { infer: { seed: 43 } } },
          results: [{ kind: 'path', path: 'epoch-1/out/videos' }],
          contents: Object.fromEntries(
            Object.entries(videos).map(([file, bytes]) => [`epoch-1/out/videos/${file}`, bytes]),
          ),
        },
      );
    for (const name of ['base', 'lora'])
      add(
        `vbench_${name}`,
        { stage: 'evaluation', hook: 'EvaluateDataHook', component: 'evaluate.vbench' },
        {
          producers: [jobs[`infer_${name}`]!.key],
          results: [{ kind: 'value', value: 0.5 }],
          metrics: {
            mean_score: 0.5,
            'detail.temporal_flickering': 0.97,
            'detail.motion_smoothness': name === 'lora' ? 0.96 : 0.95,
            'detail.subject_consistency': 0.9,
          },
        },
      );
    add(
      'quality_lora',
      { stage: 'evaluation', hook: 'EvaluateDataHook', component: 'evaluate.own' },
      {
        metrics: { sharpness: 12.5, 'odd <b>': 3 },
      },
    );
  }
  const written = {
    version: 1,
    projectName: title('project'),
    experimentName: 'experiment',
    workDir,
    baseDir: workDir,
    iteration: 1,
    sources: [{ path: join(workDir, 'sandbox.yaml'), sha256: 'b'.repeat(64) }],
    pipelines: [
      {
        name: 'anonymous',
        stages: ['probe', 'refine', 'execution', 'evaluation'].map(name => ({
          name,
          jobs: plan.filter(job => job.stage === name),
        })),
      },
    ],
  } as unknown as Plan;
  const dir = join(workDir, 'trials', id);
  write(join(dir, 'plan-1.json'), JSON.stringify(written));
  // A trial begins with its plan; what earlier ones made is older.
  utimesSync(join(dir, 'plan-1.json'), START / 1000 - 1, START / 1000 - 1);
  const now = START + 600_000;
  const collect: TrialFiles['collect'] = async options =>
    (await collectReport({ id, workDir, now, ...options })) as TrialModel;
  return {
    workDir,
    id,
    jobs,
    collect,
    page: async options =>
      renderReport(await collect(options), { urlOf: file => `videos/${encodeURIComponent(file)}` }),
  };
}
