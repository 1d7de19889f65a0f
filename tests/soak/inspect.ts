import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../../plan/manifest.ts';
import { jobsOf, type Plan } from '../../plan/plan.ts';
import type { TrialResult } from '../../plan/protocol.ts';
import { type Played, playedOf, scoreOf, trainingChain, videoOf } from './ledger.ts';
import { lostOf, madeAgain, oneAtATime, stepsInOrder, stepsTold } from './rules.ts';
import { DIMENSIONS, PROBE_SAMPLES, PROMPTS, type TrialShape } from './trials.ts';

/** A trial that has ended, and what it was asked for. */
export interface Ended {
  shape: TrialShape;
  result: TrialResult;
}

/** What an ended sandbox shows. */
export interface Findings {
  /** Sentences; empty where all is as it must be. */
  broken: string[];
  /** Programs that were started again. */
  restarts: number;
  /** Training steps that were done more than once. */
  stepsLost: number;
  /** Most steps that one restart lost. */
  mostLost: number;
}

const INFER_SEED = 43;

/** Looks at everything that ended trials left: results, manifests, metrics, and what each process noted that it did. */
export async function inspect(ledger: string, trials: readonly Ended[]): Promise<Findings> {
  const findings: Findings = { broken: [], restarts: 0, stepsLost: 0, mostLost: 0 };
  const seen = new Set<string>();
  for (const trial of trials) {
    const dirs = await jobDirs(trial.result);
    const chain = await inspectResults(trial, dirs, findings.broken);
    for (const [name, dir] of dirs) {
      // Trials may share a job.
      if (!seen.has(dir)) await inspectJob(name, dir, await playedOf(ledger, keyIn(dir)), chain, trial.shape, findings);
      seen.add(dir);
    }
  }
  return findings;
}

/** As `inspect`, of a trial that only looked at texts. */
export async function inspectProcess(result: TrialResult): Promise<string[]> {
  const broken: string[] = [];
  for (const dir of (await jobDirs(result)).values()) await publishedIn(dir, broken);
  const samples = result.metrics['before.samples'];
  return samples === PROBE_SAMPLES ? broken : [...broken, `${samples} samples instead of ${PROBE_SAMPLES}`];
}

const keyIn = (dir: string) => dir.slice(dir.lastIndexOf('/') + 1);

/** Directories of a trial's jobs by their meta_name. */
async function jobDirs({ trialDir }: TrialResult): Promise<Map<string, string>> {
  const plan = JSON.parse(await readFile(join(trialDir, 'plan-1.json'), 'utf8')) as Plan;
  return new Map(jobsOf(plan).map(({ metaName, key }) => [metaName, join(plan.workDir, 'jobs', key!)]));
}

/** Compares what a trial made with an undisturbed one; returns the digests that its training must have had. */
async function inspectResults(
  { shape, result }: Ended,
  dirs: Map<string, string>,
  broken: string[],
): Promise<string[]> {
  const paths = new Map<string, string>();
  for (const [name, dir] of dirs) {
    const first = (await publishedIn(dir, broken)).results[0]!;
    if (first.kind === 'path') paths.set(name, join(dir, first.path));
  }
  const chain = trainingChain(await readFile(paths.get('convert')!), shape.seed, shape.steps);
  const lora = chain.at(-1)!;
  const expected = [[join(paths.get('train')!, `checkpoint-${shape.steps}.safetensors`), lora] as const];
  for (const [name, video] of videosOf(lora)) expected.push([join(paths.get('infer')!, name), video]);
  for (const [path, content] of expected) {
    if ((await readFile(path, 'utf8').catch(() => null)) !== content)
      broken.push(`${path} is not as in an undisturbed trial`);
  }
  const videos = videosOf(lora).map(([, video]) => scoreOf(video));
  const score = videos.reduce((sum, one) => sum + one, 0) / videos.length;
  const found = result.metrics['score.mean_score'];
  if (!(Math.abs((found ?? Number.NaN) - score) < 1e-9))
    broken.push(`the score is ${found}, that of an undisturbed trial ${score}`);
  return chain;
}

/** Looks at the processes that worked on a job. */
async function inspectJob(
  name: string,
  dir: string,
  played: readonly Played[],
  chain: readonly string[],
  shape: TrialShape,
  findings: Findings,
): Promise<void> {
  const broken = oneAtATime(played);
  const needed = name === 'score' ? DIMENSIONS.length : 1;
  findings.restarts += Math.max(0, played.length - needed);
  if (name === 'infer') broken.push(...madeAgain(played));
  if (name === 'train') {
    broken.push(...stepsInOrder(played, chain), ...stepsTold(await metricsIn(dir), played));
    for (const lost of lostOf(played)) {
      findings.stepsLost += lost;
      findings.mostLost = Math.max(findings.mostLost, lost);
      if (lost > shape.checkpointEvery)
        broken.push(`a restart lost ${lost} steps, with a checkpoint every ${shape.checkpointEvery}`);
    }
  }
  findings.broken.push(...broken.map(text => `${name} ${keyIn(dir).slice(0, 8)}: ${text}`));
}

/** The manifest of a job; every file that it lists must be what it was when it was published. */
async function publishedIn(dir: string, broken: string[]): Promise<Manifest> {
  const manifest = JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8')) as Manifest;
  const others = (await readdir(dir)).filter(name => name.startsWith('manifest.') && name !== 'manifest.json');
  if (others.length > 0) broken.push(`${dir} was published more than once: ${others.join(', ')}`);
  for (const { path, sha256 } of manifest.files) {
    const data = await readFile(join(dir, path)).catch(() => '');
    if (createHash('sha256').update(data).digest('hex') !== sha256)
      broken.push(`${join(dir, path)} is not what was published`);
  }
  return manifest;
}

/** Names and contents of the videos of a LoRA. */
function videosOf(lora: string): [string, string][] {
  return PROMPTS.flatMap(prompt =>
    [0, 1].map((number): [string, string] => [`${prompt}-${number}.mp4`, videoOf(lora, prompt, number, INFER_SEED)]),
  );
}

/** Steps with a loss by segment, in the metrics of the run that was published: it carries on what earlier runs told. */
async function metricsIn(dir: string): Promise<Map<number, number[]>> {
  const { epoch } = JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8')) as Manifest;
  const text = await readFile(join(dir, `epoch-${epoch}`, 'metrics.jsonl'), 'utf8').catch(() => '');
  const segments = new Map<number, number[]>();
  for (const line of text.split('\n').filter(Boolean)) {
    const { segment, step, loss } = JSON.parse(line) as { segment: number; step?: number; loss?: number };
    if (step === undefined || loss === undefined) continue;
    segments.set(segment, [...(segments.get(segment) ?? []), step]);
  }
  return segments;
}
