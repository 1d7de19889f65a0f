// Who is told of a run besides its own files: `trackers` and `notify` of a sandbox config. Neither is part of any job's key.
import { createHash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { canonical } from './canonical.ts';
import type { Compiling } from './compiling.ts';
import { isObject } from './dotted.ts';
import type { ConfigPlaces } from './origin.ts';
import type { Json } from './plan.ts';

const SQLITE = 'sqlite:///';
export const TRACKER_TYPES = ['wandb', 'mlflow', 'tensorboard'] as const;

const NO_PASSWORD = 'has a user name in it: secrets come from the environment of the control worker only';
const web = z
  .url({ protocol: /^https?$/, error: 'expected an address such as https://host/path' })
  .refine(hasNoPassword, NO_PASSWORD);
const variable = z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable');

const tracker = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('wandb'),
    mode: z.enum(['auto', 'offline', 'online']).optional().describe('auto: online where WANDB_API_KEY is set'),
    entity: z.string().min(1).optional(),
    base_url: web.optional(),
  }),
  z.strictObject({
    type: z.literal('mlflow'),
    uri: z
      .string()
      .regex(/^(?:https?:\/\/|sqlite:\/\/\/)./, 'expected http://…, https://… or sqlite:///<file>')
      .refine(hasNoPassword, NO_PASSWORD)
      .optional()
      .describe('default: MLFLOW_TRACKING_URI, else <work_dir>/mlflow.db'),
  }),
  z.strictObject({
    type: z.literal('tensorboard'),
    dir: z.string().min(1).optional().describe('default: <work_dir>/tensorboard'),
  }),
]);

/** What a notification can be of: a state that is reached, or targets that are met. */
export const NOTICES = [
  'compiling',
  'running',
  'paused',
  'waiting',
  'ending',
  'done',
  'failed',
  'stopped',
  'target',
] as const;
/** Of what. */
export const NOTICE_SUBJECTS = ['trial', 'sweep', 'study', 'trial-of-sweep'] as const;

const which = {
  events: z.array(z.enum(NOTICES)).min(1).optional(),
  runs: z.array(z.enum(NOTICE_SUBJECTS)).min(1).optional(),
};
const byCommand = z.strictObject({ command: z.array(z.string().min(1)).min(1), ...which });
const byWebhook = z.strictObject({ webhook: web, secret_env: variable, ...which });
const bySecretWebhook = z.strictObject({ webhook_env: variable, secret_env: variable, ...which });
const notifier = z.union([byCommand, byWebhook, bySecretWebhook]);

export type Tracker = z.output<typeof tracker>;
export type Notifier = z.output<typeof notifier>;

const trackerGiven = z.union([z.enum(TRACKER_TYPES), tracker]);
/** As a config has them. */
export const trackersSchema = z.array(trackerGiven);
export const notifySchema = z.array(notifier);

export interface Watching {
  /** Absent: those of the control worker; none: not even those. */
  trackers?: Tracker[];
  notify?: Notifier[];
}

/** Checks `trackers` and `notify`; what is wrong is told at its place. */
export function readWatching(
  c: Compiling,
  { trackers, notify }: { trackers?: Json[]; notify?: Json[] },
  places: ConfigPlaces,
): Watching {
  const read: Watching = {};
  if (trackers !== undefined) {
    read.trackers = trackers.flatMap((given, i) => {
      const at = `config.trackers.${i}`;
      if (typeof given === 'string' && !(TRACKER_TYPES as readonly string[]).includes(given)) {
        c.error(places.place(at), `there is no tracker "${given}"; known: ${TRACKER_TYPES.join(', ')}`);
        return [];
      }
      const found = checked(c, tracker, typeof given === 'string' ? { type: given } : given, at, places);
      return found ? [placed(c.baseDir, found)] : [];
    });
    const names = read.trackers.map(trackerName);
    for (const [i, name] of names.entries())
      if (names.indexOf(name) < i) c.error(places.place(`config.trackers.${i}`), 'is there already');
  }
  if (notify !== undefined) {
    read.notify = notify.flatMap((given, i) => {
      const found = checked<Notifier>(c, notifierSchemaFor(given), given, `config.notify.${i}`, places);
      return found ? [found] : [];
    });
  }
  return read;
}

/** Of the three, the one that is meant: what is wrong is said of that. */
function notifierSchemaFor(given: Json): z.ZodType<Notifier> {
  if (isObject(given) && 'command' in given) return byCommand;
  return isObject(given) && 'webhook_env' in given ? bySecretWebhook : byWebhook;
}

function checked<T>(c: Compiling, schema: z.ZodType<T>, given: Json, at: string, places: ConfigPlaces): T | null {
  const { success, data, error } = schema.safeParse(given);
  if (success) return data;
  for (const { path, message } of error.issues)
    c.error(places.place([at, ...path].join('.')), `${path.join('.') || 'it'}: ${message}`);
  return null;
}

/** Its paths made absolute. */
function placed(baseDir: string, given: Tracker): Tracker {
  const whole = (path: string) => (isAbsolute(path) ? path : join(baseDir, path));
  if (given.type === 'tensorboard' && given.dir !== undefined) return { ...given, dir: whole(given.dir) };
  if (given.type === 'mlflow' && given.uri?.startsWith(SQLITE))
    return { ...given, uri: `${SQLITE}${whole(given.uri.slice(SQLITE.length))}` };
  return given;
}

/** Name of a tracker among those of a run, fit for a file: its type, with a hash of its options where it has any. */
export function trackerName({ type, ...options }: Tracker): string {
  if (Object.keys(options).length === 0) return type;
  return `${type}-${createHash('sha256').update(canonical(options)).digest('hex').slice(0, 8)}`;
}

/** Trackers by their names, as a worker's flag has them. Throws Error with what is wrong. */
export function trackersNamed(names: readonly string[]): Tracker[] {
  return names.map(name => {
    if ((TRACKER_TYPES as readonly string[]).includes(name)) return { type: name } as Tracker;
    throw new Error(`there is no tracker "${name}"; known: ${TRACKER_TYPES.join(', ')}`);
  });
}

function hasNoPassword(text: string): boolean {
  try {
    const { username, password } = new URL(text);
    return username === '' && password === '';
  } catch {
    return true;
  }
}
