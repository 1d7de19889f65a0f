import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot, pythonOf } from '../../activities/runtime/paths.ts';
import { type Followed, followedTrial, followFolder } from '../../activities/watch/follow-file.ts';
import { Senders, type Sent } from '../../activities/watch/senders.ts';
import type { StoryLine } from '../../activities/watch/story.ts';
import type { TrialInput } from '../../plan/protocol.ts';
import type { Tracker } from '../../plan/watching.ts';

const JOBS = ['train', 'judge'];

/** A trial of two jobs as it lies on disk, with the pen in the test's hand. */
export class TrackedRun {
  readonly workDir: string;
  readonly folder: string;
  readonly followed: Followed;
  #events = 0;

  private constructor(workDir: string, followed: Followed) {
    this.workDir = workDir;
    this.followed = followed;
    this.folder = followFolder(followed);
  }

  static async make(
    trackers: Tracker[],
    {
      id = 'my-run',
      project = 'p',
      experiment = 'e',
      meta = 'train',
      extra = {},
      input = {},
    }: {
      id?: string;
      project?: string;
      experiment?: string;
      meta?: string;
      extra?: object;
      input?: Partial<TrialInput>;
    } = {},
  ): Promise<TrackedRun> {
    const workDir = await mkdtemp(join(tmpdir(), 'tracked-'));
    const plan = { projectName: project, experimentName: experiment, workDir, baseDir: workDir, trackers };
    const run = new TrackedRun(workDir, followedTrial(plan, { id, runId: 'r-1' }, input)!);
    mkdirSync(run.folder, { recursive: true });
    writeFileSync(join(run.folder, 'follow.json'), JSON.stringify(run.followed));
    const jobs = JOBS.map((job, i) => ({
      id: `p.${i + 1}-${job}`,
      metaName: i === 0 ? meta : job,
      config: { dj_configs: null, extra_configs: i === 0 ? { lr: 0.5, api_key: 'k-secret', ...extra } : null },
    }));
    writeFileSync(run.plan, JSON.stringify({ ...plan, maxIterNum: 1, pipelines: [{ name: 'p', stages: [{ jobs }] }] }));
    return run;
  }

  get plan(): string {
    return join(this.workDir, 'plan-1.json');
  }

  begin(i: number): void {
    this.#say({ kind: 'job', ...this.#job(i) });
  }

  done(i: number, metrics: Record<string, unknown> = {}): void {
    mkdirSync(this.#dir(i), { recursive: true });
    writeFileSync(join(this.#dir(i), 'manifest.json'), JSON.stringify({ metrics }));
    this.#say({ kind: 'job-done', ...this.#job(i), reused: false });
  }

  end(state: 'done' | 'failed' | 'stopped' = 'done'): void {
    this.#say({ kind: 'end', state, why: null });
  }

  /** Steps `from` to `to` (with it) of a job's run, as the supervisor writes them. */
  steps(i: number, from: number, to: number, { epoch = 1, value = (step: number): unknown => step / 10 } = {}): void {
    const folder = join(this.#dir(i), `epoch-${epoch}`);
    mkdirSync(folder, { recursive: true });
    const lines = Array.from({ length: to - from + 1 }, (_, n) => ({
      t: 1_700_000_000 + from + n,
      segment: 1,
      offset: from + n,
      step: from + n,
      total: 100,
      loss: value(from + n),
    }));
    appendFileSync(join(folder, 'metrics.jsonl'), lines.map(line => `${JSON.stringify(line)}\n`).join(''));
  }

  /** What a tracker's own reader finds. */
  async read<T>(...args: string[]): Promise<T> {
    const program = join(packageRoot(), 'tests', 'fixtures', 'trackers', 'read.py');
    const { stdout } = await execa(pythonOf('trackers'), [program, ...args], { stderr: 'pipe' });
    return JSON.parse(stdout) as T;
  }

  #dir(i: number): string {
    return join(this.workDir, 'jobs', `key-${i}`);
  }

  #job(i: number) {
    return { iteration: 1, job: `p.${i + 1}-${JOBS[i]}`, key: `key-${i}`, plan: this.plan };
  }

  #say(line: object): void {
    this.#events += 1;
    const whole = { run: 'r-1', event: this.#events, t: 1_700_000_000 + this.#events, ...line } as StoryLine;
    appendFileSync(join(this.folder, 'story.jsonl'), `${JSON.stringify(whole)}\n`);
  }
}

/** Sends what there is of a run to its only tracker. */
export async function sendOnce(run: TrackedRun, say: (line: string) => void = () => {}): Promise<Sent> {
  const senders = new Senders({ once: true, say });
  try {
    return await senders.send(run.folder, run.followed.trackers[0]!);
  } finally {
    await senders.stop();
  }
}
