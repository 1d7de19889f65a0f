import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bootNow } from './host-clock.ts';
import { newestEpoch, readManifest } from './job-dir.ts';
import {
  asksAgainAfter,
  byRight,
  charged,
  inLine,
  joinsAt,
  NO_SHARES,
  type Shares,
  type Turn,
  type Waiting,
} from './line.ts';
import { readRecord } from './supervisor-files.ts';

/** A claim keeps its place for so long, in seconds, though it has not asked again. */
const KEPT_S = 600;
/** A claim may be so late, in seconds. */
const LATE_S = 2;
/**
 * Free devices are kept for so long, in seconds, for a claim that does not come: which is only older; which fairness puts first; which must
 * gather several.
 */
const OLDER_S = 3;
const BY_RIGHT_S = 20;
const GATHERS_S = 300;
/** A claim that asks many hosts comes back to each at random: so many of its longest pauses later it hardly ever has not. */
const PAUSES = 2;
const GATHERING_PAUSES = 4;
const LONGEST_PAUSE_S = 60;
const READ_TRIES = 3;

/** What a claim asks a host for. */
export interface Wish extends Turn {
  id: string;
  /** The job's directory. */
  holder: string;
  needed: number;
  /** Devices that its worker offers. */
  devices: string[];
  /** Free devices are kept for it until it has all; false: it only takes them where there are enough at once. */
  gathers: boolean;
}

/** A claim that waits for devices of this host. Nobody's place in the line depends on who sets the host's clock. */
export interface Ticket extends Wish, Waiting {
  /** The job's newest run when it asked: a newer one means that it was served elsewhere. */
  epoch: number;
  /** When it last asked, in seconds of the boot-time clock. */
  seen: number;
  /** When it was told to ask again, in seconds after that. */
  asksIn: number;
  /** The longest time between two of its asks here lately, in seconds. */
  pause: number;
}

/** Where a claim stands. */
export interface Place {
  mine: Ticket;
  /** Those who are served before it; `byRight`: not only because they are older. */
  before: (Ticket & { byRight: boolean })[];
  /** All others. */
  waiting: Ticket[];
}

/** Names a claim: one trial's wish for one job. */
export function ticketOf(holder: string, trial: string): string {
  return createHash('sha256').update(`${holder}\0${trial}`).digest('hex').slice(0, 16);
}

/** Looks where a claim that asks now stands in the line of this host. */
export async function placeOf(folder: string, wish: Wish): Promise<Place> {
  const tickets = [...(await readTickets(folder)).values()];
  const shares = await readShares(folder);
  const now = bootNow();
  const waiting = tickets.filter(ticket => ticket.id !== wish.id && waits(ticket, now));
  const last = tickets.find(ticket => ticket.id === wish.id);
  const mine: Ticket = {
    ...wish,
    // The monotonic clock, which all processes of a host share.
    since: last?.since ?? Number(process.hrtime.bigint()),
    from: last?.from ?? joinsAt(wish, waiting, shares),
    epoch: await newestEpoch(wish.holder),
    seen: now,
    asksIn: 0,
    pause: last ? Math.min(LONGEST_PAUSE_S, Math.max(now - last.seen, 0.7 * last.pause)) : 0,
  };
  const line = inLine([...waiting, mine], shares);
  const own = line.find(slot => slot.claim === mine)!;
  const before = line.slice(0, line.indexOf(own)).map(slot => ({ ...slot.claim, byRight: byRight(slot, own) }));
  return { mine, waiting, before };
}

/** Leaves the claim's ticket; returns in how many seconds it is to ask again. */
export async function standInLine(folder: string, { mine, before }: Place): Promise<number> {
  const inTheWay = before.filter(ticket => ticket.devices.some(device => mine.devices.includes(device)));
  const asksIn = asksAgainAfter(inTheWay.length);
  await leaveTicket(folder, { ...mine, asksIn });
  return asksIn;
}

/** The claim has its devices: it leaves the line, and its key has had so much more of the host. */
export async function leaveLine(folder: string, { mine, waiting }: Place): Promise<void> {
  await dropTickets(folder, mine.id);
  // Of two processes that write at the same moment one may be lost: a turn too many for one key.
  await writeInPlace(join(folder, 'line.json'), charged(mine, waiting, await readShares(folder)));
}

/**
 * Which of the free devices wait for claims with earlier turns: each takes as many as it needs, the first first, so that devices gather for a
 * claim of many while claims of few come and go.
 */
export function reserved(before: Place['before'], free: readonly string[], now = bootNow()): Set<string> {
  const kept = new Set<string>();
  for (const ticket of before) {
    if (!reserves(ticket, now)) continue;
    const fitting = free.filter(device => !kept.has(device) && ticket.devices.includes(device));
    for (const device of fitting.slice(0, ticket.needed)) kept.add(device);
  }
  return kept;
}

/** As `reserved`, where those who were served elsewhere meanwhile keep nothing. */
export async function keptFree(folder: string, before: Place['before'], free: readonly string[]): Promise<Set<string>> {
  if (free.length === 0) return new Set();
  const now = bootNow();
  const late = before.filter(ticket => reserves(ticket, now) && now - ticket.seen > ticket.asksIn + LATE_S);
  const gone = await Promise.all(late.map(servedElsewhere));
  const served = new Set(late.filter((_, i) => gone[i]));
  for (const ticket of served) await dropTickets(folder, ticket.id);
  return reserved(
    before.filter(ticket => !served.has(ticket)),
    free,
    now,
  );
}

function waits({ seen, asksIn, pause }: Ticket, now: number): boolean {
  return now - seen <= PAUSES * Math.max(asksIn, pause) + LATE_S;
}

function reserves({ seen, asksIn, pause, needed, gathers, byRight }: Place['before'][number], now: number): boolean {
  if (needed > 1 && !gathers) return false;
  const usual = Math.max(asksIn, pause);
  const most = byRight ? BY_RIGHT_S : OLDER_S;
  const limit = needed > 1 ? Math.min(GATHERS_S, GATHERING_PAUSES * usual) : Math.min(most, PAUSES * usual);
  return now - seen <= limit + LATE_S;
}

/** Where the work_dir is shared, other hosts' runs of the job are seen. */
async function servedElsewhere({ holder, epoch }: Ticket): Promise<boolean> {
  return (await newestEpoch(holder).catch(() => 0)) > epoch || (await readManifest(holder).catch(() => null)) !== null;
}

const lineOf = (folder: string) => join(folder, 'line');
/** What a file's name says stays: each ask writes a new file, so that of a thousand tickets one is read. */
const known = new Map<string, Map<string, Ticket>>();

/** Tickets of this host by id; those long dead are removed. */
async function readTickets(folder: string): Promise<Map<string, Ticket>> {
  const place = lineOf(folder);
  for (let tries = 1; ; tries += 1) {
    const names = (await readdir(place).catch(() => [] as string[])).filter(name => name.endsWith('.json'));
    const before = known.get(folder);
    const read = await Promise.all(
      names.map(async name => before?.get(name) ?? (await readRecord<Ticket>(join(place, name)))),
    );
    const found = new Map(names.flatMap((name, i) => (read[i] ? [[name, read[i]!] as const] : [])));
    known.set(folder, found);
    // One that was replaced while it was to be read is looked for again.
    if (found.size === names.length || tries === READ_TRIES) return await newestOf(place, found);
  }
}

async function newestOf(place: string, found: Map<string, Ticket>): Promise<Map<string, Ticket>> {
  const tickets = new Map<string, Ticket>();
  const now = bootNow();
  for (const [name, ticket] of found) {
    if (now - ticket.seen >= KEPT_S) await rm(join(place, name), { force: true });
    else if (ticket.seen >= (tickets.get(ticket.id)?.seen ?? 0)) tickets.set(ticket.id, ticket);
  }
  return tickets;
}

async function leaveTicket(folder: string, ticket: Ticket): Promise<void> {
  const place = lineOf(folder);
  await mkdir(place, { recursive: true });
  const name = `${ticket.id}.${randomBytes(6).toString('hex')}.json`;
  await writeInPlace(join(place, name), ticket);
  await dropTickets(folder, ticket.id, name);
}

async function dropTickets(folder: string, id: string, but?: string): Promise<void> {
  const names = await readdir(lineOf(folder)).catch(() => [] as string[]);
  const old = names.filter(name => name.startsWith(`${id}.`) && name.endsWith('.json') && name !== but);
  await Promise.all(old.map(name => rm(join(lineOf(folder), name), { force: true })));
}

async function readShares(folder: string): Promise<Shares> {
  return (await readRecord<Shares>(join(folder, 'line.json'))) ?? NO_SHARES;
}

/** Not synced: what waits before a power cut does not wait after it. */
async function writeInPlace(path: string, value: Ticket | Shares): Promise<void> {
  const part = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  await writeFile(part, JSON.stringify(value));
  await rename(part, path);
}
