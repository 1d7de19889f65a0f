import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../activities/runtime/paths.ts';
import { type Diagnostic, formatDiagnostic } from '../plan/diagnostic.ts';
import { Origin } from '../plan/origin.ts';
import { applySchema } from '../plan/schema.ts';
import { parseSource } from '../plan/source.ts';
import { TRACKER_TYPES } from '../plan/watching.ts';
import { DevConfigError } from './dev-errors.ts';
import { tracesEndpoint } from './traces/endpoint.ts';

export { DevConfigError };

const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|localhost)$/;
const ATTRIBUTE_TYPES = ['Text', 'Keyword', 'Int', 'Double', 'Bool', 'Datetime', 'KeywordList'] as const;

const port = z.int().min(1).max(65_535);
const optionalPort = port.nullable().default(null);
const name = z.string().regex(/^[A-Za-z0-9][\w.-]*$/, 'expected a name: letters, digits, "-", "_" and "."');

const server = z.strictObject({
  ip: z
    .string()
    .regex(LOOPBACK, 'expected a loopback address, such as 127.0.0.1: anyone who reaches the server may use it'),
  port: port.default(7233),
  ui_port: port.nullable().default(8233),
  http_port: optionalPort,
  metrics_port: optionalPort,
});

/** Of a collector of traces. */
const tracesAddress = z
  .string()
  .refine(
    text => !('problem' in tracesEndpoint(text)!),
    'expected the http address of a collector, such as http://127.0.0.1:4318',
  )
  .nullable()
  .default(null);

const kindMessage = (issue: { code: string }) =>
  issue.code === 'invalid_union' ? 'expected "control" or "host"' : undefined;
const controlWorker = z.strictObject({
  name,
  kind: z.literal('control'),
  metrics_port: optionalPort,
  traces: tracesAddress,
  trackers: z.array(z.enum(TRACKER_TYPES)).default([]),
});
const hostWorker = z.strictObject({
  name,
  kind: z.literal('host'),
  tags: z.array(name).min(1),
  gpus: z.union([z.enum(['auto', 'none']), z.array(z.union([z.int(), z.string()]).transform(String))]).default('auto'),
  cpu_places: z.int().min(1).max(1000).default(1),
  slots: z.int().min(1).max(1000).default(4),
  warm: z.boolean().default(true),
  metrics_port: optionalPort,
  traces: tracesAddress,
});

const schema = z.strictObject({
  server,
  database: z.strictObject({
    file: z.string().min(1),
    pragmas: z.record(z.string(), z.union([z.string(), z.int()]).transform(String)).default({}),
  }),
  namespace: name.default('default'),
  retention: z
    .string()
    .regex(/^\d+[dh]$/, 'expected a length of time such as 30d or 48h')
    .default('30d'),
  search_attributes: z.record(z.string(), z.enum(ATTRIBUTE_TYPES)).default({}),
  dynamic_config: z.record(z.string(), z.json()).default({}),
  components: z.array(z.string().min(1)).default([]),
  workers: z.array(z.discriminatedUnion('kind', [controlWorker, hostWorker], { error: kindMessage })).min(1),
});

type Checked = z.output<typeof schema>;
export type AttributeType = (typeof ATTRIBUTE_TYPES)[number];
export type DevWorker = Checked['workers'][number];

/** temporal-dev.yaml, checked. */
export interface DevConfig extends Omit<Checked, 'retention'> {
  /** Absolute path of the file that it was read from. */
  file: string;
  /** Seconds that a closed workflow is kept. */
  retention: number;
}

/** The configuration file: `$DJ_SANDBOX_DEV`, else temporal-dev.yaml in the package. */
export function devConfigFile(): string {
  return resolve(process.env.DJ_SANDBOX_DEV ?? join(packageRoot(), 'temporal-dev.yaml'));
}

/**
 * Reads and checks the development server's configuration; paths in it become absolute.
 * @throws DevConfigError
 */
export function readDevConfig(file: string = devConfigFile()): DevConfig {
  if (!existsSync(file))
    throw new DevConfigError(`${file}: there is no such file; it describes the development server`);
  return parseDevConfig(file, readFileSync(file, 'utf8'));
}

/** As `readDevConfig`, of a text. */
export function parseDevConfig(file: string, text: string): DevConfig {
  const source = parseSource(file, text);
  if (source.value === null) throw failure(source.diagnostics);
  const { value, problems } = applySchema(schema, source.value, () => false);
  const config = value as unknown as Checked;
  const found = problems.length > 0 ? problems : conflicts(config);
  if (found.length > 0) {
    const origin = new Origin(source);
    const errors = found.map(({ at, key, message }) => ({
      ...origin.place(pathOf(at), key ? 'key' : 'value'),
      message,
      severity: 'error' as const,
    }));
    throw failure(errors);
  }
  const database = { ...config.database, file: resolve(dirname(file), config.database.file) };
  return { ...config, database, file, retention: secondsOf(config.retention) };
}

/** What no single value shows. */
function conflicts({ server, retention, workers }: Checked): { at: string; key?: boolean; message: string }[] {
  const found = [];
  const ports = new Map<number, string>();
  const asked = [
    ...(['port', 'ui_port', 'http_port', 'metrics_port'] as const).map(key => [`server.${key}`, server[key]] as const),
    ...workers.map(({ metrics_port }, i) => [`workers.${i}.metrics_port`, metrics_port] as const),
  ];
  for (const [at, value] of asked) {
    if (value === null) continue;
    const other = ports.get(value);
    if (other) found.push({ at, message: `${value} is ${other} already; take another port` });
    ports.set(value, at);
  }
  if (secondsOf(retention) < 86_400)
    found.push({ at: 'retention', message: 'Temporal keeps closed workflows for at least 1d' });
  const names = workers.map(worker => worker.name);
  for (const [i, each] of names.entries()) {
    if (names.indexOf(each) < i)
      found.push({ at: `workers.${i}.name`, message: `"${each}" is another worker's name already` });
  }
  return found;
}

function secondsOf(retention: string): number {
  return Number.parseInt(retention, 10) * (retention.endsWith('d') ? 86_400 : 3_600);
}

/** Keys of `dynamic_config` have dots of their own. */
function pathOf(at: string): (string | number)[] {
  const [root = '', ...rest] = at.split('.');
  if (root === 'dynamic_config' && rest.length > 0) return [root, rest.join('.')];
  return [root, ...rest.map(part => (/^\d+$/.test(part) ? Number(part) : part))].filter(part => part !== '');
}

function failure(problems: Diagnostic[]): DevConfigError {
  return new DevConfigError(problems.map(formatDiagnostic).join('\n'));
}
