// The config of `type: command`: keys, the files that decide results, and what is wrong beyond types.
import { z } from 'zod';
import type { JobConfig, ReadField } from '../../plan/component.ts';
import { ENVIRONMENT_NOT_IN_KEY, ENVIRONMENT_READS, environmentKeys } from '../../plan/environment.ts';
import { checkPattern } from './check-pattern.ts';
import { LOG_FORMATS, logPatterns } from './log-formats.ts';
import { placeholdersIn } from './placeholders.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const text = z.string().min(1);
const named = z.string().regex(NAME);
const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** Formats that a dataset can be handed over in. */
export const DATASET_FORMATS = ['as-is', 'jsonl', 'json', 'csv', 'parquet'] as const;

/** Keys of every hook. */
const COMMON = {
  type: z.literal('command'),
  argv: z.array(z.string()).min(1).describe('Program and arguments, no shell; `{dataset}` and the like are filled in'),
  cwd: text.default('.').describe('Working folder; relative paths in `argv` and `code` start there'),
  code: z.array(text).nullish().describe('Files and folders besides those in `argv` whose content decides the result'),
  ...environmentKeys,
  env: z.record(z.string().regex(NAME), scalar).nullish().describe("Variables of the program's environment"),
  secrets: z.array(named).nullish().describe("Variables that the worker's environment must have"),
  dataset: z.string().nullish().describe('Path that `{dataset}` stands for'),
  dataset_format: z
    .enum(DATASET_FORMATS)
    .default('as-is')
    .describe('Format in which the program gets it; `as-is`: the file itself'),
  model: z.string().nullish().describe('A path, or a name on a hub'),
  parameters: z.record(named, scalar).nullish().describe('Filled in where `{<name>}` stands; what a sweep varies'),
  output: z.string().nullish().describe('Folder that `{output}` stands for'),
  log: z.enum(LOG_FORMATS).nullish().describe('How its log is read: a ready parser'),
  metrics: z
    .union([z.array(named), z.record(named, text)])
    .nullish()
    .describe('What to read of the log: names, or name → key in the log'),
  patterns: z.array(text).nullish().describe('Regular expressions with a named group for each number'),
  total: z.int().positive().nullish().describe('Steps in all, where the log does not say'),
};

const checkpoints = z.strictObject({
  folder: text.default('.').describe('In the output folder'),
  pattern: text
    .nullish()
    .describe('Names of checkpoints of a program that writes no complete.json, with a group `step`'),
  resume: z.array(text).nullish().describe('Arguments added to `argv` where there is a checkpoint to go on from'),
  stops_on_request: z.boolean().default(false).describe('It reads DJ_CONTROL_FILE'),
});

/** What a file of results is called, inside the output folder, and which of its numbers is the score. */
const RESULT = { result: text.nullish(), primary: text.nullish() };

export const trainSchema = z.strictObject({
  ...COMMON,
  ...RESULT,
  checkpoints: checkpoints.nullish().describe('How it saves and goes on; absent: it begins anew after a death'),
  fail_on_nan: z.boolean().default(true).describe('A loss that is no number ends the training'),
});
export const inferSchema = z.strictObject({ ...COMMON, ...RESULT });
export const evaluateSchema = z.strictObject({ ...COMMON, ...RESULT, result: text.default('result.json') });

export type TrainCommand = z.infer<typeof trainSchema>;
/** What the three schemas have in common. */
export type Command = z.infer<typeof inferSchema> & Partial<Pick<TrainCommand, 'checkpoints' | 'fail_on_nan'>>;

const CWD = 'extra_configs.cwd';
export const OUTPUT = 'extra_configs.output';

/** Arguments that name scripts: one that is not there may be in a container. Those that name configs may be outputs as well. */
const SCRIPT = /^[^-{}][^{}]*\.(?:py|sh|bash|js|mjs|ts|rb|pl|R|jl|lua|ipynb)$/;
const SETTINGS = /^[^-{}][^{}]*\.(?:ya?ml|json|toml|ini|cfg|conf)$/;

export const READS: ReadField[] = [
  { at: CWD, kind: 'directory', content: [] },
  { at: 'extra_configs.argv', kind: 'file', relativeTo: CWD, only: SCRIPT, mustExist: 'warn' },
  { at: 'extra_configs.argv', kind: 'file', relativeTo: CWD, only: SETTINGS, mustExist: false },
  { at: 'extra_configs.code', kind: 'dataset', relativeTo: CWD },
  { at: 'extra_configs.dataset', kind: 'dataset' },
  { at: 'extra_configs.model', kind: 'model', hub: true },
  ...ENVIRONMENT_READS,
];

/** Whose values these are is the worker's business. */
export const NOT_IN_KEY = ['extra_configs.secrets', ...ENVIRONMENT_NOT_IN_KEY];

/** Placeholders that are no parameters. `{checkpoint}` is for `checkpoints.resume` only. */
export const BUILT_IN = ['dataset', 'model', 'output', 'result', 'gpus'] as const;

/** Variables that the job itself sets. */
const TAKEN = /^(?:DJ_.*|CUDA_VISIBLE_DEVICES)$/;
const SECRET = /(?:^|_)(?:TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?|(?:API|ACCESS|SECRET|PRIVATE)_?KEY)$/i;

type Problem = { at: string; message: string };

/** A check of what types cannot say; `makes`: one of these placeholders must stand in argv or env, or nothing of what it makes is found. */
export function checkCommand(makes: readonly ('output' | 'result')[]): (config: JobConfig) => Problem[] {
  return ({ extra_configs }) => {
    const command = extra_configs as unknown as Command;
    return [
      ...placeholderProblems(command, makes),
      ...environmentProblems(command),
      ...logProblems(command),
      ...checkpointProblems(command),
      ...outsideOutput(command),
    ].map(({ at, message }) => ({ at: `extra_configs.${at}`, message }));
  };
}

function placeholderProblems(command: Command, makes: readonly string[]): Problem[] {
  const parameters = Object.keys(command.parameters ?? {});
  const known: string[] = [...BUILT_IN, ...parameters];
  const resume = command.checkpoints?.resume ?? [];
  const places = [
    ...command.argv.map((value, i) => ({ at: `argv.${i}`, value, known })),
    ...Object.entries(command.env ?? {}).map(([name, value]) => ({ at: `env.${name}`, value: String(value), known })),
    ...resume.map((value, i) => ({ at: `checkpoints.resume.${i}`, value, known: [...known, 'checkpoint'] })),
  ];
  const used = new Set(places.flatMap(({ value }) => placeholdersIn(value)));
  const unknown = places.flatMap(({ at, value, known: allowed }) =>
    placeholdersIn(value)
      .filter(name => !allowed.includes(name))
      .map(name => ({ at, message: unknownPlaceholder(name, allowed) })),
  );
  const misnamed = parameters
    .filter(name => [...BUILT_IN, 'checkpoint'].includes(name))
    .map(name => ({ at: `parameters.${name}`, message: `{${name}} has a meaning of its own; choose another name` }));
  const unused = parameters
    .filter(name => !used.has(name))
    .map(name => ({
      at: `parameters.${name}`,
      message: `{${name}} stands nowhere in argv or env, so that it changes nothing; write it there, or leave it out`,
    }));
  const forms = makes.map(name => `{${name}}`);
  const lost = makes.some(name => used.has(name))
    ? []
    : [{ at: 'argv', message: `write ${forms.join(' or ')} where the program is told where to write its results` }];
  return [...unknown, ...misnamed, ...unused, ...lost];
}

function unknownPlaceholder(name: string, known: readonly string[]): string {
  if (name === 'checkpoint') return '{checkpoint} is for checkpoints.resume: a first start has none';
  return `{${name}} is no placeholder; there are ${known.map(each => `{${each}}`).join(', ')}. Add it to parameters, or write {{${name}}} for the text itself`;
}

function environmentProblems({ env, secrets }: Command): Problem[] {
  return Object.keys(env ?? {}).flatMap(name => {
    const at = `env.${name}`;
    if (TAKEN.test(name)) return [{ at, message: `${name} is set by the job itself; choose another name` }];
    if (SECRET.test(name) || secrets?.includes(name))
      return [
        {
          at,
          message: `a secret does not belong in a config: set ${name} where the worker is started, and name it in secrets`,
        },
      ];
    return [];
  });
}

function logProblems(command: Command): Problem[] {
  const own = (command.patterns ?? []).flatMap((pattern, i) => {
    const why = checkPattern({ kind: 'metrics', pattern });
    return why === null ? [] : [{ at: `patterns.${i}`, message: why }];
  });
  const inVain = command.metrics != null && command.log == null;
  const without = inVain
    ? [{ at: 'metrics', message: `say in log how they are printed: one of ${LOG_FORMATS.join(', ')}` }]
    : logPatterns({ ...command, patterns: null })
        .map(checkPattern)
        .filter(why => why !== null)
        .map(message => ({ at: 'metrics', message }));
  return [...own, ...without];
}

function checkpointProblems({ checkpoints: saving }: Command): Problem[] {
  if (!saving) return [];
  const { pattern, resume } = saving;
  const why = pattern == null ? null : checkPattern({ kind: 'metrics', pattern });
  const problems: Problem[] = [];
  if (why !== null) problems.push({ at: 'checkpoints.pattern', message: why });
  else if (pattern != null && !pattern.includes('(?<step>'))
    problems.push({
      at: 'checkpoints.pattern',
      message: 'it needs a group (?<step>[0-9]+): the step that a checkpoint is of',
    });
  if (resume != null && !resume.some(each => placeholdersIn(each).includes('checkpoint')))
    problems.push({ at: 'checkpoints.resume', message: 'write {checkpoint} where the path of the checkpoint belongs' });
  return problems;
}

function outsideOutput({ result, checkpoints: saving }: Command): Problem[] {
  const paths: [string, string | null | undefined][] = [
    ['result', result],
    ['checkpoints.folder', saving?.folder],
  ];
  return paths
    .filter(([, path]) => path != null && (path.startsWith('/') || path.split('/').includes('..')))
    .map(([at, path]) => ({ at, message: `${path} must be inside the output folder: give a path relative to it` }));
}
