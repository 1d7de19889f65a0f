import { literal, tqdm } from '../runtime/log-patterns.ts';
import type { LogPattern, ProgramSpec } from '../runtime/program-spec.ts';

/** Ready parsers by name; docs/command.md shows a line of each. */
export const LOG_FORMATS = [
  'key-value',
  'json-lines',
  'tqdm',
  'huggingface',
  'lightning',
  'deepspeed',
  'torchtune',
] as const;

type LogFormat = (typeof LOG_FORMATS)[number];

/** The keys of a config that say how its program's log is read. */
export interface LogConfig {
  log?: LogFormat | null | undefined;
  /** Names, or name → key in the log; they come on top of what the parser reads by itself. */
  metrics?: readonly string[] | Readonly<Record<string, string>> | null | undefined;
  patterns?: readonly string[] | null | undefined;
  total?: number | null | undefined;
}

const NUMBER =
  '[-+]?(?:(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][-+]?[0-9]+)?|(?:[nN][aA][nN]|[iI][nN][fF](?:[iI][nN][iI][tT][yY])?)(?![A-Za-z]))';
const BAR = '[0-9]+%\\|[^|]*\\| *(?<step>[0-9]+)/(?<total>[0-9]+) \\[[0-9:]+<(?<eta>[0-9:]+|\\?)';

/** name → key in the log that each parser reads without being asked. */
const DEFAULTS: Record<LogFormat, Record<string, string>> = {
  'key-value': { step: 'step', epoch: 'epoch', loss: 'loss', lr: 'lr' },
  'json-lines': { step: 'step', total: 'total', epoch: 'epoch', loss: 'loss', lr: 'lr' },
  tqdm: { loss: 'loss', lr: 'lr' },
  huggingface: {
    loss: 'loss',
    lr: 'learning_rate',
    grad_norm: 'grad_norm',
    eval_loss: 'eval_loss',
    epoch: 'epoch',
  },
  lightning: { loss: 'loss' },
  deepspeed: {},
  torchtune: { loss: 'loss', lr: 'lr' },
};

const metrics = (...patterns: string[]): LogPattern[] => patterns.map(pattern => ({ kind: 'metrics', pattern }));
const number = (name: string) => `(?<${name}>${NUMBER})`;

/** `step=10/100 loss=0.5`, `step: 10, loss: 0.5`; a key is a whole word, so that `val_loss` and `val/loss` are no `loss`. */
function keyValue(name: string, key: string): string {
  const total = name === 'step' ? '(?:/(?<total>[0-9]+))?' : '';
  return `(?:^|[^A-Za-z0-9_./-])${literal(key)} *[=:] *${number(name)}${total}`;
}

/** One line of the log → patterns of the keys in it, and those that are always read. */
const FORMATS: Record<LogFormat, { always: LogPattern[]; key: (name: string, key: string) => string }> = {
  'key-value': { always: [], key: keyValue },
  'json-lines': { always: [], key: (name, key) => `^ *\\{.*"${literal(key)}" *: *"?${number(name)}` },
  tqdm: { always: [tqdm()], key: (name, key) => `%\\|.*[ ,]${literal(key)}=${number(name)}` },
  // Python's repr of a dict; newer versions print its numbers as text.
  huggingface: { always: [tqdm()], key: (name, key) => `[{ ]'${literal(key)}': '?${number(name)}` },
  lightning: {
    always: metrics(`Epoch (?<epoch_index>[0-9]+): *${BAR}`),
    key: (name, key) => `Epoch [0-9]+: .*\\[.*[ ,]${literal(key)}=${number(name)}`,
  },
  deepspeed: {
    always: metrics(
      `\\[Rank 0\\] step=(?<step>[0-9]+), skipped=[0-9]+, lr=\\[${number('lr')}`,
      `/global_step=(?<step>[0-9]+), RunningAvgSamplesPerSec=[^,]*, CurrSamplesPerSec=${number('samples_per_second')}`,
      `steps: (?<step>[0-9]+) loss: ${number('loss')} .*iter time \\(s\\): ${number('seconds_per_step')} samples/sec: ${number('samples_per_second')}`,
    ),
    key: keyValue,
  },
  torchtune: {
    always: metrics(`(?<epoch>[0-9]+)\\|(?<step>[0-9]+)\\|Loss: *${number('loss')}`, '^Step (?<step>[0-9]+) \\| '),
    key: (name, key) => `^Step [0-9]+ \\| (?:.* )?${literal(key)}:${number(name)}`,
  },
};

/** What is read in a program's log. */
export function logPatterns({ log, metrics: asked, patterns, total }: LogConfig): LogPattern[] {
  const own = metrics(...(patterns ?? []));
  if (log == null) return own;
  const { always, key } = FORMATS[log];
  const names = isList(asked) ? Object.fromEntries(asked.map(name => [name, name])) : (asked ?? {});
  const read = Object.entries({ ...DEFAULTS[log], ...names }).map(([name, at]) => key(name, at));
  // Bars of evaluations have other totals than the training's.
  const counted = total != null && log === 'huggingface' ? always.map(bar => withTotal(bar, total)) : always;
  return [...counted, ...metrics(...read), ...own];
}

/** Hugging Face's Trainer writes its numbers and then draws the bar again, which tells their step. */
export function stepFollows(log: LogFormat | null | undefined): Pick<ProgramSpec, 'stepFollows'> {
  return log === 'huggingface' ? { stepFollows: true } : {};
}

function withTotal({ kind, pattern }: LogPattern, total: number): LogPattern {
  return { kind, pattern: pattern.replace('(?<total>[0-9]+)', `(?<total>${total})`) };
}

function isList(value: LogConfig['metrics']): value is readonly string[] {
  return Array.isArray(value);
}
