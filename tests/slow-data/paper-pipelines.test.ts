// The three pipelines of the paper on the small clips, for real: Data-Juicer, the small EasyAnimate, VBench; few steps of training.
import { mkdtemp, readFile, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { packageRoot } from '../../activities/runtime/paths.ts';
import type { TrialResult } from '../../plan/protocol.ts';
import { type RealSandbox, startRealSandbox } from '../support/real-sandbox.ts';

/** Of all three; a minute and a half of processor each, of which others may want their share. */
const LIMIT_MS = 3_600_000;

let sandbox: RealSandbox;
let baseDir: string;

beforeAll(async () => {
  sandbox = await startRealSandbox();
});
// The configs' own paths start here, so that nothing is written to the repository; a second try finds nothing of the first.
beforeEach(async () => {
  baseDir = await mkdtemp(join(sandbox.folder, 'base-'));
  for (const name of ['configs', 'python', '.sandbox']) await symlink(join(packageRoot(), name), join(baseDir, name));
});
afterAll(() => sandbox?.stop());

async function run(name: string): Promise<TrialResult> {
  const training = 'train_lora.extra_configs.train.training_config';
  const input = {
    config: `configs/text-to-video/${name}_pipeline.yaml`,
    baseDir,
    set: { [`${training}.max_train_steps`]: 4, [`${training}.checkpointing_steps`]: 2 },
  };
  const options = { taskQueue: 'sandbox', workflowId: `${name}-${basename(baseDir)}`, args: [input] as [object] };
  return (await sandbox.client.workflow.execute('sandboxTrial', options)) as TrialResult;
}

const linesOf = async (path: string) =>
  (await readFile(join(baseDir, 'outputs/text-to-video', path), 'utf8'))
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { id: string; degraded: string | null; __dj__stats__: Record<string, number> });

it(
  'the pipelines of the paper run from their clips to VBench scores, the third on what the second has chosen',
  async () => {
    const single = await run('1_single_op');
    expect(single).toMatchObject({ state: 'done', jobs: { run: 7, reused: 0 } });
    const all = await linesOf('single-op/clips-with-motion.jsonl');
    const high = await linesOf('single-op/clips-high-motion.jsonl');
    const motionOf = (clip: (typeof all)[0]) => clip.__dj__stats__.video_motion_score!;
    const byMotion = all.toSorted((a, b) => motionOf(a) - motionOf(b));
    const ids = (clips: typeof all) => clips.map(({ id }) => id).sort();
    expect(ids(high)).toEqual(ids(byMotion.slice(20)));
    expect(await linesOf('single-op/clips-for-training.jsonl')).toHaveLength(8);

    const multi = await run('2_multi_op');
    expect(multi).toMatchObject({ state: 'done', jobs: { run: 6, reused: 0 } });
    const combined = await linesOf('multi-op/clips-multi-op.jsonl');
    expect(combined.length).toBeGreaterThanOrEqual(8);
    expect(combined.length).toBeLessThan(all.length);
    expect(combined[0]?.__dj__stats__).toMatchObject({ text_len: expect.any(Number) });

    const duplicate = await run('3_duplicate');
    expect(duplicate).toMatchObject({ state: 'done', jobs: { run: 4, reused: 1 } });
    for (const { metrics } of [single, multi, duplicate])
      expect(metrics['vbench_eval.mean_score']).toEqual(expect.any(Number));
  },
  LIMIT_MS,
);
