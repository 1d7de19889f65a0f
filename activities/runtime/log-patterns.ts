import type { LogPattern } from './program-spec.ts';

/** What a log line tells: numbers by name ('NaN' and the infinities as text, as JSON has no such numbers), `checkpoint`, `phase`. */
export type LogRecord = Record<string, number | string>;

// Colours and other terminal sequences; they carry no content. These mirror python/supervisor/patterns.py.
// biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the point.
const ESCAPES = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]/g;
const CONTROLS = /(?!\t)\p{Cc}/gu;
const WIDE_SPACES = /[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]/g;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const CLOCK = /^(?:(\d+):)?(\d+):(\d\d)$/;
const SPECIAL = new Map(
  Object.entries({ nan: 'NaN', inf: 'Infinity', infinity: 'Infinity', '-inf': '-Infinity', '-infinity': '-Infinity' }),
);

/** A line without terminal sequences and control characters, all kinds of space as spaces. */
export function cleanLine(line: string): string {
  return line.replace(ESCAPES, '').replace(CONTROLS, '').replace(WIDE_SPACES, ' ');
}

function numberOf(raw: string): number | string | undefined {
  const text = raw.trim();
  if (NUMBER.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value + 0 : String(value);
  }
  const clock = CLOCK.exec(text);
  if (clock) return Number(clock[1] ?? 0) * 3600 + Number(clock[2]) * 60 + Number(clock[3]);
  return SPECIAL.get(text.toLowerCase().replace(/^\+/, ''));
}

/**
 * What a line of a program's log tells: the first match of each pattern, merged; null where it tells nothing. The supervisor does the
 * same in Python. Of `metrics` patterns the groups that are numbers count, clock times as seconds, and a group `seconds_per_step`
 * gives `speed`; with a group `epoch_index` (whole epochs before this one) or `epoch_number` (the first is 1) `step` of `total` is one of that
 * epoch, and becomes one of all.
 */
export function parseLine(patterns: readonly LogPattern[], line: string): LogRecord | null {
  const clean = cleanLine(line);
  const record: LogRecord = {};
  for (const { pattern, kind } of patterns) {
    const groups = new RegExp(pattern, 'u').exec(clean)?.groups ?? {};
    if (kind !== 'metrics') {
      if (groups[kind]) record[kind] = groups[kind];
      continue;
    }
    for (const [name, text] of Object.entries(groups)) {
      const value = text === undefined ? undefined : numberOf(text);
      if (value === undefined) continue;
      if (name !== 'seconds_per_step') record[name] = value;
      else if (typeof value === 'number' && value > 0) record['speed'] = 1 / value;
    }
  }
  countEpochs(record);
  return Object.keys(record).length > 0 ? record : null;
}

function countEpochs(record: LogRecord): void {
  const { epoch_index: index, epoch_number: number, step, total } = record;
  delete record['epoch_index'];
  delete record['epoch_number'];
  const before = typeof number === 'number' ? number - 1 : number === undefined ? index : undefined;
  if (typeof before !== 'number') return;
  record['epoch'] = number ?? before;
  if (typeof step !== 'number' || typeof total !== 'number') return;
  record['step'] = before * total + step;
  delete record['total'];
}

interface TqdmOptions {
  /** The bar's description; any without it. */
  desc?: string;
  /** Postfix names (`set_postfix`) by the metric that they are: `{ loss: 'step_loss' }`. They come in alphabetical order of their names. */
  postfix?: Record<string, string>;
}

/** Pattern of a tqdm bar: step, total, eta, speed, and numbers of its postfix. */
export function tqdm({ desc, postfix = {} }: TqdmOptions = {}): LogPattern {
  const start = desc === undefined ? '' : `${literal(desc)}: *`;
  const bar = '[0-9]+%\\|[^|]*\\| *(?<step>[0-9]+)/(?<total>[0-9]+) \\[[0-9:]+<(?<eta>[0-9:]+|\\?)';
  const rate = ', +(?:(?<seconds_per_step>[0-9.]+)s/[a-zA-Z]+|(?:(?<speed>[0-9.]+)|\\?)[a-zA-Z]+/s)';
  const named = Object.entries(postfix).sort(([, a], [, b]) => (a < b ? -1 : 1));
  const rest = named.map(([metric, name]) => `(?:[^\\]]*[ ,]${literal(name)}=(?<${metric}>[^,\\] ]+))?`).join('');
  return { kind: 'metrics', pattern: start + bar + rate + rest };
}

/** A text as a pattern that matches just it. */
export function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** EasyAnimate's training scripts: the bar, and the checkpoints that hold everything to go on from. */
export const EASYANIMATE: readonly LogPattern[] = [
  tqdm({ desc: 'Steps', postfix: { lr: 'lr', loss: 'step_loss' } }),
  { kind: 'checkpoint', pattern: 'Saved state to .*(?<checkpoint>checkpoint-[0-9]+)/?$' },
];

/** Numbers that ModelScope's evaluations tell most often, as python/modelscope-launch prints them. */
const EVALUATED = ['accuracy', 'f1', 'precision', 'recall', 'loss'];

/** ModelScope's line of an iteration, counted within its epoch or over all; and what python/modelscope-launch tells beside it. */
export const MODELSCOPE: readonly LogPattern[] = [
  'epoch \\[(?<epoch_number>[0-9]+)\\]\\[(?<step>[0-9]+)/(?<total>[0-9]+)\\][\\t ]',
  ' iter \\[(?<step>[0-9]+)/(?<total>[0-9]+)\\][\\t ]',
  '\\][\\t ]+lr: (?<lr>[^, ]+)',
  '\\][\\t ].* iter_time: (?<seconds_per_step>[^, ]+)',
  '[\\t ]lr[^,]*: .* loss: (?<loss>[^, ]+)',
  '^dj-sandbox step: (?<step>[0-9]+)/(?<total>[0-9]+)',
  ...EVALUATED.map(name => `^dj-sandbox step: .* eval_${name}: (?<eval_${name}>[^, ]+)`),
].map(pattern => ({ kind: 'metrics', pattern }));

/** VBench: which result file it saved. */
export const VBENCH: readonly LogPattern[] = [
  { kind: 'checkpoint', pattern: 'Evaluation results saved to (?<checkpoint>.+\\.json)' },
];

/** Data-Juicer: the op that is done, of how many. */
export const DATA_JUICER: readonly LogPattern[] = [
  {
    kind: 'metrics',
    pattern: '\\[(?<step>[0-9]+)/(?<total>[0-9]+)\\] OP \\[[a-z0-9_]+\\] Done in [0-9.]+s\\. Left (?<samples>[0-9]+)',
  },
  { kind: 'phase', pattern: 'OP \\[(?<phase>[a-z0-9_]+)\\] Done in ' },
];
