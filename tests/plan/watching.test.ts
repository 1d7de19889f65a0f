import { expect, test } from 'vitest';
import { catalogue } from '../../activities/catalogue.ts';
import { registry } from '../../activities/components.ts';
import { keyed } from '../../activities/runtime/keyed.ts';
import { followedParent, followedTrial } from '../../activities/watch/follow-file.ts';
import { compile } from '../../plan/compile.ts';
import { formatDiagnostic } from '../../plan/diagnostic.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';

const files = { read: () => null, stat: () => 'file' as const };

function compiled(more: JsonObject) {
  const config = {
    project_name: 'p',
    ...more,
    probe_job_configs: [
      {
        hook: 'ProbeViaAnalyzerHook',
        meta_name: 'e',
        dj_configs: {
          dataset_path: 'a.jsonl',
          export_path: 'b.jsonl',
          process: [{ text_length_filter: { min_len: 1 } }],
        },
      },
    ],
  };
  return compile({ config, baseDir: '/base', absent: 'warning' }, registry, files, catalogue());
}

function planOf(more: JsonObject) {
  const result = compiled(more);
  if (!result.ok) throw new Error(result.diagnostics.map(formatDiagnostic).join('\n'));
  return result.plan;
}

test('trackers are names or maps; their paths start at the base folder; without any the plan has none', () => {
  const given: Json[] = ['wandb', { type: 'tensorboard', dir: 'tb' }, { type: 'mlflow', uri: 'sqlite:///m.db' }];
  expect(planOf({ trackers: given }).trackers).toEqual([
    { type: 'wandb' },
    { type: 'tensorboard', dir: '/base/tb' },
    { type: 'mlflow', uri: 'sqlite:////base/m.db' },
  ]);
  expect(planOf({})).not.toHaveProperty('trackers');
  expect(planOf({ trackers: null, notify: null })).not.toHaveProperty('notify');
});

test.each([
  [{ trackers: ['wandbb'] }, 'there is no tracker "wandbb"'],
  [{ trackers: [{ type: 'mlflow', uri: 'http://me:pw@host/' }] }, 'secrets come from the environment'],
  [{ trackers: [{ type: 'wandb', api_key: 'x' }] }, 'Unrecognized key'],
  [{ trackers: ['wandb', 'wandb'] }, 'is there already'],
  [{ trackers: 'wandb' }, 'expected a list of trackers'],
  [{ notify: [{ webhook: 'ftp://x', secret_env: 'S' }] }, 'webhook: expected an address such as'],
  [{ notify: [{ webhook: 'http://x/' }] }, 'notify[0].secret_env'],
  [{ notify: [{ command: 'rm -rf' }] }, 'notify[0].command'],
  [{ notify: [{ command: ['x'], events: ['sometimes'] }] }, 'notify[0].events[0]'],
] as [JsonObject, string][])('%j is refused at its place', (given, why) => {
  const result = compiled(given);
  expect(result.ok ? [] : result.diagnostics.map(formatDiagnostic).join('\n')).toContain(why);
});

test('they change no key of a job', async () => {
  const keys = async (more: JsonObject) => {
    const plan = await keyed(planOf(more), registry, 't/r', {});
    return plan.pipelines.flatMap(({ stages }) => stages.flatMap(({ jobs }) => jobs.map(({ key }) => key)));
  };
  expect(await keys({ trackers: ['wandb'], notify: [{ command: ['x'] }] })).toEqual(await keys({}));
});

test("whom a run is told to: a config without trackers takes the worker's, an empty list none; trials of sweeps only where asked for", () => {
  const trial = { id: 't', runId: 'r' };
  const sweep = { id: 's', trial: 3 };
  expect(followedTrial(planOf({}), trial, {})).toBeNull();
  expect(followedTrial(planOf({}), trial, {}, [{ type: 'wandb' }])?.trackers).toEqual([
    { name: 'wandb', tracker: { type: 'wandb' } },
  ]);
  expect(followedTrial(planOf({ trackers: [] }), trial, {}, [{ type: 'wandb' }])).toBeNull();
  const notify = [{ command: ['x'] }];
  expect(followedTrial(planOf({ notify }), trial, {})?.notify).toHaveLength(1);
  expect(followedTrial(planOf({ notify }), trial, { sweep })).toBeNull();
  expect(followedParent(planOf({ notify }), 'sweep', trial)?.notify).toHaveLength(1);
  const all = [{ command: ['x'], runs: ['trial-of-sweep'] }];
  expect(followedTrial(planOf({ notify: all }), trial, { sweep })).toMatchObject({ name: 'p-3', sweep: { id: 's' } });
  expect(followedParent(planOf({ notify: all }), 'sweep', trial)).toBeNull();
});
