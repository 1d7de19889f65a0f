import { createHmac } from 'node:crypto';
import { execa } from 'execa';
import type { Notifier } from '../../../plan/watching.ts';
import { programEnvironment } from '../../runtime/program-environment.ts';
import type { Notice } from './notice.ts';

const COMMAND_MS = 60_000;
const WEBHOOK_MS = 10_000;
const WORDS = 300;

/** Delivers a notice once. Throws Error with a sentence where it was not accepted; nothing secret is in it. */
export async function deliver(
  notifier: Notifier,
  notice: Notice,
  { baseDir, signal }: { baseDir: string; signal: AbortSignal },
): Promise<void> {
  const body = JSON.stringify(notice);
  if ('command' in notifier) return await byCommand(notifier.command, body, notice.id, baseDir, signal);
  const address = 'webhook' in notifier ? notifier.webhook : variable(notifier.webhook_env);
  await byWebhook(address, variable(notifier.secret_env), body, notice.id, signal);
}

async function byCommand(
  [program = '', ...args]: string[],
  input: string,
  id: string,
  cwd: string,
  cancelSignal: AbortSignal,
): Promise<void> {
  const { failed, exitCode, timedOut, shortMessage, stderr } = await execa(program, args, {
    cwd,
    input,
    cancelSignal,
    env: { ...programEnvironment(), DJ_SANDBOX_NOTICE: id },
    extendEnv: false,
    forceKillAfterDelay: 1_000,
    maxBuffer: 64 * 1024,
    reject: false,
    stdout: 'ignore',
    timeout: COMMAND_MS,
  });
  if (!failed) return;
  const last = stderr?.trim().split('\n').at(-1)?.slice(0, WORDS);
  const how = timedOut
    ? `took over ${COMMAND_MS / 1000} s`
    : exitCode === undefined
      ? shortMessage
      : `exited with code ${exitCode}`;
  throw new Error(`command ${program} ${how}${last ? `: ${last}` : ''}`);
}

/** Signed as Standard Webhooks has it: HMAC-SHA256 over `<id>.<timestamp>.<body>`, in Base64. */
async function byWebhook(
  address: string,
  secret: string,
  body: string,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'dj-sandbox',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
  };
  let response: Response;
  try {
    response = await fetch(address, {
      method: 'POST',
      body,
      headers,
      // A signed message is for who was named, not for whom they name.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(WEBHOOK_MS)]),
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new Error(`the webhook does not answer: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the webhook answered ${response.status}`);
}

/** A secret as the standard writes it (`whsec_` and Base64), or any text. */
function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret);
}

function variable(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`the environment variable ${name} is not set: set it where the control worker starts`);
}
