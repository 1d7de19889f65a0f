import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TrialRow } from '../../../client/trials.ts';
import { newWorkDir, put, putSweep, putTrial, START } from '../../support/work-dir.ts';
import { asking } from './asking.ts';

const HOSTILE = `<script>alert(1)</script>"'&🚀`;
let folder: string;
let workDir: string;
let remove: () => void;
beforeEach(() => {
  ({ folder, workDir, remove } = newWorkDir());
});
afterEach(() => remove());

const metrics = (...values: (number | string)[]) =>
  values
    .map((loss, i) => `${JSON.stringify({ t: 1, segment: 1, step: i + 1, total: 80, eta: 12, speed: 2, loss })}\n`)
    .join('');
const inJob = (key: string, ...path: string[]) => join(workDir, 'jobs', key, ...path);

/** A trial whose training runs: claimed, and told of three steps. */
function putRunning(id: string, key = 'k'): void {
  putTrial(workDir, id, { jobs: [{ metaName: 'train', component: 'train.command', key, metrics: null }] });
  put(inJob(key, 'epoch-1', 'claim.json'), '{}');
  put(inJob(key, 'epoch-1', 'metrics.jsonl'), metrics(0.9, 0.8, 0.7));
}

function row(id: string, more: Partial<TrialRow> = {}): TrialRow {
  const at = new Date(START).toISOString();
  return {
    id,
    runId: 'r',
    kind: 'trial',
    sweep: null,
    status: 'RUNNING',
    state: 'running',
    project: 'clips',
    experiment: 'try',
    stage: 'execution',
    job: 'train',
    startedAt: at,
    closedAt: null,
    ...more,
  };
}

const listed = (rows: readonly TrialRow[]) => ({ address: '127.0.0.1:7233', list: async () => [...rows] });

describe('the list', () => {
  test('says what it shows: the work_dir, and that no server answers', async () => {
    putTrial(workDir, 'my-run', { jobs: [{ metaName: 'look' }], context: {} });
    const server = { address: '127.0.0.1:1', list: async () => Promise.reject(new Error('nobody')) };
    const text = await asking([workDir], { server }).text('/');
    expect(text).toContain('no server answers at <code>127.0.0.1:1</code>');
    expect(text).toContain('my-run</bdi></a>');
  });

  test('has of a run on disk what the server says of it, and runs that only the server has', async () => {
    putTrial(workDir, 'both', { jobs: [{ metaName: 'look' }], context: {} });
    const ui = asking([workDir], { server: listed([row('both', { state: 'waiting' }), row('there')]) });
    const text = await ui.text('/');
    expect(text).toContain('and the server at <code>127.0.0.1:7233</code>');
    expect(text).toMatch(/both<\/bdi>[\s\S]*?waiting<\/span>/);
    expect(text).toContain('/runs/server/there');
    expect(text.match(/both<\/bdi>/g)).toHaveLength(1);
  });

  test('is not sent again to a browser that has it, and is when a run has come', async () => {
    const ui = asking([workDir]);
    const first = await ui.get('/list');
    const etag = first.headers.get('etag')!;
    expect((await ui.get('/list', { 'if-none-match': etag })).status).toBe(304);
    putTrial(workDir, 'my-run', { jobs: [{ metaName: 'look' }], context: {} });
    await expect
      .poll(async () => (await ui.get('/list', { 'if-none-match': etag })).status, { timeout: 20_000 })
      .toBe(200);
  });

  test('keeps names text, wherever they stand', async () => {
    putTrial(workDir, 'my-run', {
      jobs: [{ metaName: 'look' }],
      project: HOSTILE,
      experiment: HOSTILE.repeat(200),
      context: {},
    });
    const ui = asking([workDir], {
      server: listed([row(`${HOSTILE} of the server`, { state: HOSTILE, job: HOSTILE })]),
    });
    for (const path of [
      '/',
      `/?q=${encodeURIComponent(HOSTILE)}&state=${encodeURIComponent(HOSTILE)}`,
      '/?kind=trial',
    ]) {
      const text = await ui.text(path);
      expect(text).not.toContain('<script>alert');
      expect(text).not.toContain(`value="${HOSTILE}`);
    }
    const href = /href="(\/runs\/server\/[^"]+)"/.exec(await ui.text('/'))![1]!;
    // As a browser reads it.
    expect((await ui.get(href.replaceAll('&#39;', "'"))).status).toBe(200);
  });

  test('of no work_dir says how to get runs', async () => {
    expect(await asking([]).text('/')).toContain('There is no work_dir below this folder');
  });
});

describe("a run's page", () => {
  test('is its report, with the server around it; it is made anew when a file of the run has changed, and only then', async () => {
    putTrial(workDir, 'my-run', { jobs: [{ metaName: 'score', key: 'k', metrics: { quality: 0.5 } }], context: {} });
    const ui = asking([workDir]);
    const path = `/runs/${ui.place}/my-run`;
    const first = await ui.get(path);
    const text = await first.text();
    expect(text).toContain('<h1><bdi class="name">my-run</bdi></h1>');
    expect(text).toContain('href="/compare?run=');
    expect(text).not.toContain('data-live');
    const etag = first.headers.get('etag')!;
    expect((await ui.get(path, { 'if-none-match': etag })).status).toBe(304);
    putTrial(workDir, 'my-run', { jobs: [{ metaName: 'score', key: 'k', metrics: { quality: 0.75 } }], context: {} });
    expect((await ui.get(path, { 'if-none-match': etag })).status).toBe(200);
  });

  test('of which no report can be made says why, and what its files lack, instead of failing', async () => {
    putTrial(workDir, 'my-run', { jobs: [{ metaName: 'score', key: 'k' }], context: {} });
    put(inJob('k', 'manifest.json'), '{"key": "k"}');
    const ui = asking([workDir]);
    const answer = await ui.get(`/runs/${ui.place}/my-run`);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('my-run');
  });

  test('while it runs has step, loss, time left and the curve, and goes on by itself until the run has ended', async () => {
    putRunning('my-run');
    put(inJob('k', 'epoch-1', 'segments.json'), '[{}, {}]');
    const ui = asking([workDir]);
    const text = await ui.text(`/runs/${ui.place}/my-run`);
    expect(text).toContain(`data-live="/runs/${ui.place}/my-run/now"`);
    const now = await ui.text(`/runs/${ui.place}/my-run/now`);
    for (const fact of ['3 of 80', '0.7', '2 steps/s', '12s', 'role="status">anonymous.1-train is 0 % done'])
      expect(now).toContain(fact);
    expect(now).toMatch(/<dt>segment<\/dt><dd class="figure">2</);
    const option = JSON.parse(/data-option="now-curve">(.*?)<\/script>/.exec(now)![1]!);
    expect(option.series[0].data).toEqual([
      [1, 0.9],
      [2, 0.8],
      [3, 0.7],
    ]);
    expect(now).not.toContain('data-ended');
    put(inJob('k', 'epoch-1', 'metrics.jsonl'), metrics(0.9, 0.8, 0.7, 'NaN', 0.5));
    const later = await ui.text(`/runs/${ui.place}/my-run/now`);
    expect(JSON.parse(/data-option="now-curve">(.*?)<\/script>/.exec(later)![1]!).series[0].data).toContainEqual([
      4,
      null,
    ]);
    put(inJob('k', 'manifest.json'), JSON.stringify({ key: 'k', metrics: {}, results: [], files: [], notes: [] }));
    put(join(workDir, 'trials', 'my-run', 'context.json'), JSON.stringify({ iteration: 1, context: {} }));
    await expect
      .poll(async () => await ui.text(`/runs/${ui.place}/my-run/now`), { timeout: 20_000 })
      .toContain('data-ended');
  });

  test('says what it waits for, and the attempt, as the server does', async () => {
    putRunning('my-run');
    const activity = {
      type: 'train.command',
      attempt: 3,
      started: true,
      lastFailure: null,
      progress: { job: 'anonymous.1-train' },
    };
    const said = { message: 'no worker serves gpu', activities: [activity], workDir };
    const ui = asking([workDir], { server: listed([row('my-run')]), said });
    const now = await ui.text(`/runs/${ui.place}/my-run/now`);
    expect(now).toContain('no worker serves gpu');
    expect(now).toMatch(/<dt>attempt<\/dt><dd class="figure">3</);
  });

  test('of a sweep that runs has the trials that go on', async () => {
    putSweep(workDir, 's', [0.5, undefined], null);
    putRunning('s.trial-2');
    const ui = asking([workDir]);
    const now = await ui.text(`/runs/${ui.place}/s/now`);
    expect(now).toContain('1 trial goes on');
    expect(now).toMatch(/trial-2<\/bdi><\/a>.*step 3 of 80, loss 0.7/s);
  });

  test('whose files are elsewhere says where, and how to see them', async () => {
    const said = { message: 'out of memory', activities: [], workDir: '/data/outputs/theirs' };
    const ui = asking([workDir], {
      server: listed([row('there', { state: 'failed', closedAt: new Date(START + 5_000).toISOString() })]),
      said,
    });
    const text = await ui.text('/runs/server/there');
    expect(text).toContain('dj-sandbox ui --work-dir /data/outputs/theirs');
    expect(text).toContain('out of memory');
  });

  test('whose files were lost while it was looked at says so instead of failing', async () => {
    putTrial(workDir, 'my-run', { jobs: [{ metaName: 'look', key: 'k' }], context: {} });
    const ui = asking([workDir]);
    await ui.text('/');
    rmSync(join(workDir, 'jobs'), { recursive: true });
    expect((await ui.get(`/runs/${ui.place}/my-run`)).status).toBe(200);
    rmSync(join(workDir, 'trials', 'my-run'), { recursive: true });
    expect([200, 404]).toContain((await ui.get(`/runs/${ui.place}/my-run`)).status);
  });

  test.each([
    '/runs/x/my-run',
    '/runs/x/..%2f..',
    '/runs/%ff/a',
    '/runs',
    '/nowhere',
    '/runs/x/y/logs',
    '/assets/nothing.js',
    '/assets/..%2fpage.ts',
  ])('at %s there is nothing, which is said on a page', async path => {
    const answer = await asking([workDir]).get(path);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('There is nothing at this address');
  });
});

describe('trials beside each other', () => {
  const config = (lr: number) => ({ dj_configs: null, extra_configs: { lr, epochs: 2 } });
  const train = (key: string, lr: number, last: number) => ({
    metaName: 'train',
    component: 'train.command',
    key,
    config: config(lr),
    metrics: { last_loss: last, samples: 10 },
    files: { 'epoch-1/metrics.jsonl': metrics(0.9, 0.8, last) },
  });

  test('differ in config and results, and have their curves on one chart; on request with all that is the same', async () => {
    putTrial(workDir, 'a', { jobs: [train('ka', 0.01, 0.5)], context: {} });
    putTrial(workDir, 'b', { jobs: [train('kb', 0.02, 0.25)], context: {} });
    const ui = asking([workDir]);
    const path = `/compare?run=${ui.place}/a&run=${ui.place}/b`;
    const text = await ui.text(path);
    expect(text).toContain('Their configs differ in 1 value.');
    expect(text).toMatch(/extra_configs\.lr.*0\.01.*0\.02/s);
    expect(text).not.toContain('extra_configs.epochs');
    expect(text).toContain('data-from="jobs/kb/manifest.json#/metrics/last_loss"');
    const { charts } = JSON.parse(/id="report-data">(.*?)<\/script>/s.exec(text)![1]!);
    const option = charts['curve-1'];
    expect(option.series.map((series: { name: string; data: unknown[] }) => [series.name, series.data.length])).toEqual(
      [
        ['A a', 3],
        ['B b', 3],
      ],
    );
    expect(await ui.text(`${path}&all=1`)).toContain('extra_configs.epochs');
  });

  test('are asked for where fewer than two are chosen; what is none is named', async () => {
    putTrial(workDir, 'a', { jobs: [train('ka', 0.01, 0.5)], context: {} });
    putTrial(workDir, 'b', { jobs: [train('kb', 0.02, 0.25)], context: {} });
    putSweep(workDir, 's', [0.5]);
    const ui = asking([workDir]);
    expect(await ui.text('/compare')).toContain('Choose two trials or more');
    const text = await ui.text(`/compare?run=${ui.place}/a&run=${ui.place}/s&run=x/${encodeURIComponent(HOSTILE)}`);
    expect(text).toContain(`/compare?run=${ui.place}%2Fa&amp;run=${ui.place}%2Fb`);
    expect(text).toContain('Left out');
    expect(text).not.toContain('<script>alert');
  });
});

describe('logs', () => {
  test('are the end of what was written, harmless: no control characters, of a bar its last state, nothing that is markup', async () => {
    const log = Array.from({ length: 500 }, (_, i) => `line ${i}`).join('\n');
    const hostile = `${log}\n10%\r20%\r30%\n\u001b[31mred\u001b[0m\u0007\u202etxt.exe\n${HOSTILE}\n`;
    putTrial(workDir, 'my-run', {
      jobs: [{ metaName: 'look', key: 'k', files: { 'epoch-1/log.txt': hostile } }],
      context: {},
    });
    const ui = asking([workDir]);
    const page = await ui.text(`/runs/${ui.place}/my-run/logs`);
    expect(page).not.toContain('<script>alert');
    expect(page).toContain('&lt;script&gt;alert');
    const answer = await ui.get(`/runs/${ui.place}/my-run/log.txt`);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const lines = (await answer.text()).trimEnd().split('\n');
    expect(lines).toHaveLength(200);
    expect(lines.slice(-3)).toEqual(['30%', 'redtxt.exe', HOSTILE]);
    expect((await ui.text(`/runs/${ui.place}/my-run/log.txt?lines=1000`)).split('\n')[0]).toBe('line 0');
  });

  test('of one endless line are read to a limit; of a job that has none it is said', async () => {
    const files = { 'epoch-1/log.txt': 'x'.repeat(6 * 1024 * 1024) };
    putTrial(workDir, 'long', { jobs: [{ metaName: 'look', key: 'k', files }], context: {} });
    putTrial(workDir, 'none', { jobs: [{ metaName: 'look' }], context: {} });
    const ui = asking([workDir]);
    expect((await ui.text(`/runs/${ui.place}/long/log.txt`)).length).toBeLessThan(5_000);
    expect(await ui.text(`/runs/${ui.place}/none/logs`)).toContain('None of its jobs has a log yet.');
    expect((await ui.get(`/runs/${ui.place}/none/log.txt`)).status).toBe(404);
  });

  test('by a name that leads elsewhere are not there', async () => {
    put(join(folder, 'secret.txt'), 'secret');
    putTrial(workDir, 'my-run', {
      jobs: [{ metaName: 'look', key: 'k', files: { 'epoch-1/log.txt': 'a' } }],
      context: {},
    });
    const ui = asking([workDir]);
    const answer = await ui.get(`/runs/${ui.place}/my-run/log.txt?log=../../../secret.txt`);
    expect(answer.status).toBe(404);
  });
});
