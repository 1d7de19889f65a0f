import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bootNow } from './host-clock.ts';

/** A claim that has not asked again for so long, in seconds, reserves nothing: it is served elsewhere, or has ended. */
const LIVE_S = 10;
/** It keeps its place in the queue for so long: with many hosts it may ask each of them only now and then. */
const KEPT_S = 600;

/** A claim that waits for devices of this host. Nobody's place in the queue depends on who sets the host's clock. */
export interface Ticket {
  id: string;
  needed: number;
  /** Devices that its worker offers. */
  devices: string[];
  /** Place in the queue: when it first asked, in nanoseconds of the monotonic clock, which all processes of a host share. */
  since: number;
  /** When it last asked, in seconds of the boot-time clock. */
  seen: number;
}

/** Place of a claim that begins to wait now. */
export const lastInLine = (): number => Number(process.hrtime.bigint());

/** Names a claim: one trial's wish for one job. */
export function ticketOf(holder: string, trial: string): string {
  return createHash('sha256').update(`${holder}\0${trial}`).digest('hex').slice(0, 16);
}

/** Tickets of this host, the oldest first; long dead ones are removed. */
export async function readTickets(folder: string): Promise<Ticket[]> {
  const place = join(folder, 'tickets');
  const names = await readdir(place).catch(() => [] as string[]);
  const found = await Promise.all(
    names.filter(name => name.endsWith('.json')).map(name => readTicket(join(place, name))),
  );
  return found.filter(ticket => ticket !== null).sort((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1));
}

async function readTicket(path: string): Promise<Ticket | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  const ticket = JSON.parse(text) as Ticket;
  if (bootNow() - ticket.seen < KEPT_S) return ticket;
  await rm(path, { force: true });
  return null;
}

/** Says that a claim waits, since when it first did. */
export async function leaveTicket(folder: string, { id, needed, devices, since }: Omit<Ticket, 'seen'>): Promise<void> {
  const place = join(folder, 'tickets');
  await mkdir(place, { recursive: true });
  const part = join(place, `${id}.${randomBytes(4).toString('hex')}.tmp`);
  await writeFile(part, JSON.stringify({ id, needed, devices, since, seen: bootNow() } satisfies Ticket));
  await rename(part, join(place, `${id}.json`));
}

export async function dropTicket(folder: string, id: string): Promise<void> {
  await rm(join(folder, 'tickets', `${id}.json`), { force: true });
}

/**
 * Which of the free devices wait for older claims: each takes as many as it needs, the oldest first, so that devices gather for a claim of many
 * while claims of few come and go.
 */
export function reserved(
  tickets: readonly Ticket[],
  id: string,
  free: readonly string[],
  now = bootNow(),
): Set<string> {
  const kept = new Set<string>();
  const own = tickets.findIndex(ticket => ticket.id === id);
  for (const ticket of own < 0 ? tickets : tickets.slice(0, own)) {
    if (now - ticket.seen > LIVE_S) continue;
    const fitting = free.filter(device => !kept.has(device) && ticket.devices.includes(device));
    for (const device of fitting.slice(0, ticket.needed)) kept.add(device);
  }
  return kept;
}
