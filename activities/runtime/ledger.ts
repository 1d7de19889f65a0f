// decisions.jsonl: what a sweep was told and has decided, a line each. Only the prefix that a LedgerRef names counts: what lies beyond is
// what was being written when somebody died.
import { constants } from 'node:fs';
import { access, type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LedgerRef } from '../../plan/protocol.ts';
import type { Decision } from '../../plan/sweep/types.ts';
import { alone } from './alone.ts';
import { syncFolder } from './atomic.ts';
import { JobFailure } from './failure.ts';
import { chained } from './ledger-chain.ts';

const EMPTY = { lines: 0, sha256: '' };
/** The longest line that is looked at whole: an opening with its space. */
const LINE_BYTES = 4 * 1024 * 1024;
/** Ledgers that this process wrote last, newest last. */
const MOST_KNOWN = 100;
const known = new Map<string, { ref: LedgerRef; identity: string }>();

/**
 * The decisions that a reference names.
 *
 * @throws JobFailure where the file does not begin with them: it was changed, cut, or is another sweep's.
 */
export async function readLedger(ref: LedgerRef): Promise<Decision[]> {
  if (ref.bytes === 0) return [];
  const file = await opened(ref.path, constants.O_RDONLY);
  try {
    const text = await verified(file, ref);
    return text
      .toString('utf8')
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Decision);
  } finally {
    await file.close();
  }
}

/**
 * Writes decisions behind those that a reference names, and answers with the reference to all of them once they are on disk. It may be done
 * again, also late and by a worker that was thought dead: what belongs at a place of the file is always the same for one run of a sweep, and
 * longer content is left alone where it goes on from there. The file of another run of that name is put aside as `decisions.before-<n>.jsonl`.
 *
 * @throws JobFailure where the file does not begin with what the reference names.
 */
export async function appendDecisions(ref: LedgerRef, decisions: readonly Decision[]): Promise<LedgerRef> {
  if (decisions.length === 0) return ref;
  const text = Buffer.from(decisions.map(decision => `${JSON.stringify(decision)}\n`).join(''));
  if (ref.bytes === 0) await putOtherAside(ref.path, decisions);
  const file = await opened(ref.path, constants.O_RDWR | (ref.bytes === 0 ? constants.O_CREAT : 0));
  try {
    const before = known.get(ref.path);
    const isOurs = before?.ref.sha256 === ref.sha256 && before.ref.bytes === ref.bytes;
    if (!isOurs || before.identity !== (await identityOf(file))) await verified(file, ref);
    for (let done = 0; done < text.length; )
      done += (await file.write(text, done, text.length - done, ref.bytes + done)).bytesWritten;
    const after = { path: ref.path, bytes: ref.bytes + text.length, ...chained(ref, text) };
    await cutOff(file, after.bytes, decisions.at(-1)!.seq + 1);
    await file.sync();
    if (ref.bytes === 0) await syncFolder(dirname(ref.path));
    remember(after, await identityOf(file));
    return after;
  } finally {
    await file.close();
  }
}

async function opened(path: string, flags: number): Promise<FileHandle> {
  try {
    return await open(path, flags, 0o644);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new JobFailure(`the sweep's ledger ${path} is gone: put it back, or start the sweep again`, { cause: error });
  }
}

/** The text that a reference names; proved to be what was written. */
async function verified(file: FileHandle, ref: LedgerRef): Promise<Buffer> {
  const { size } = await file.stat();
  if (size < ref.bytes) throw damaged(ref, `it has ${size} bytes`);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(ref.bytes), 0, ref.bytes, 0);
  const { lines, sha256 } = chained(EMPTY, buffer.subarray(0, bytesRead));
  if (lines !== ref.lines || sha256 !== ref.sha256) throw damaged(ref, 'other lines are there');
  return buffer;
}

function damaged({ path, lines, bytes }: LedgerRef, what: string): JobFailure {
  return new JobFailure(
    `the sweep's ledger ${path} does not begin with the ${lines} lines (${bytes} bytes) that the sweep has written, ${what}: it was changed, or another sweep of this name writes there`,
  );
}

/** Removes whole lines beyond `end` that do not go on with decision `seq`. A piece of a line may be another's writing that goes on. */
async function cutOff(file: FileHandle, end: number, seq: number): Promise<void> {
  const line = await lineAt(file, end);
  if (line !== null && seqOf(line) !== seq) await file.truncate(end);
}

async function lineAt(file: FileHandle, at: number): Promise<string | null> {
  const { size } = await file.stat();
  const length = Math.min(LINE_BYTES, Math.max(0, size - at));
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  const end = buffer.subarray(0, bytesRead).indexOf('\n');
  return end < 0 ? null : buffer.toString('utf8', 0, end);
}

function parsed(line: string): Partial<Decision> | null {
  try {
    return JSON.parse(line) as Partial<Decision> | null;
  } catch {
    return null;
  }
}

const seqOf = (line: string) => parsed(line)?.seq ?? null;

/** Which run of a sweep has opened the ledger; null: none that can be read. */
function runOf(decision: Partial<Decision> | null | undefined): string | null {
  return decision?.kind === 'open' ? (decision.runId ?? null) : null;
}

async function putOtherAside(path: string, decisions: readonly Decision[]): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const isOthers = async () => {
    const line = await firstLine(path);
    return line !== null && runOf(parsed(line)) !== runOf(decisions[0]);
  };
  if (!(await isOthers())) return;
  await alone(folder, new AbortController().signal, async () => {
    if (await isOthers()) await rename(path, await freeName(folder));
  });
}

async function firstLine(path: string): Promise<string | null> {
  try {
    const file = await open(path, 'r');
    try {
      return await lineAt(file, 0);
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function freeName(folder: string): Promise<string> {
  for (let n = 1; ; n++) {
    const path = join(folder, `decisions.before-${n}.jsonl`);
    if (
      await access(path).then(
        () => false,
        () => true,
      )
    )
      return path;
  }
}

async function identityOf(file: FileHandle): Promise<string> {
  const { ino, size, mtimeNs } = await file.stat({ bigint: true });
  return `${ino} ${size} ${mtimeNs}`;
}

/** So that a sweep's own next write need not read all of its ledger again. */
function remember(ref: LedgerRef, identity: string): void {
  known.delete(ref.path);
  known.set(ref.path, { ref, identity });
  if (known.size > MOST_KNOWN) known.delete(known.keys().next().value!);
}
