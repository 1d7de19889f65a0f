import type { Stats } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readClaim } from '../../activities/runtime/claim-record.ts';
import { hashFile } from '../../activities/runtime/fingerprint.ts';
import { epochDir, epochsIn, readManifest } from '../../activities/runtime/job-dir.ts';
import { programDirs } from '../../activities/runtime/job-programs.ts';
import { type ExitRecord, readRecord, supervisorFiles } from '../../activities/runtime/supervisor-files.ts';
import type { Manifest } from '../../plan/manifest.ts';
import type { CachedJob, CachedState } from './cached-job.ts';
import { whoRuns } from './in-use.ts';
import { readLinks, readPlans } from './trial-links.ts';

export interface Cache {
  jobs: CachedJob[];
  /** By trial's folder: when its newest plan was written, in milliseconds since the epoch. */
  plannedAt: Map<string, number>;
}

/** Everything that is in `<work_dir>/jobs`, the newest first. `verify`: contents are compared with their published hashes too. */
export async function readCache(workDir: string, { verify = false, now = Date.now() } = {}): Promise<Cache> {
  const [links, { jobs: planned, plannedAt }] = await Promise.all([readLinks(workDir), readPlans(workDir)]);
  const jobs: CachedJob[] = [];
  for (const key of await keysIn(workDir)) {
    const dir = join(workDir, 'jobs', key);
    const inside = await measure(dir);
    const found = await stateOf(dir, { verify, now });
    const linked = links.get(key);
    const madeAt = found.manifest ? Date.parse(found.manifest.finishedAt) : inside.newest;
    jobs.push({
      key,
      dir,
      state: found.state,
      component: found.manifest?.component ?? planned.get(key)?.component ?? null,
      job: found.manifest?.job ?? planned.get(key)?.job ?? null,
      trial: found.manifest?.trial ?? (await claimant(dir)) ?? planned.get(key)?.plans[0] ?? null,
      madeAt,
      usedAt: Math.max(madeAt, linked?.linkedAt ?? 0),
      bytes: inside.bytes,
      links: linked?.links ?? [],
      plans: planned.get(key)?.plans ?? [],
      note: found.note,
    });
  }
  return { jobs: jobs.sort((a, b) => b.madeAt - a.madeAt), plannedAt };
}

async function keysIn(workDir: string): Promise<string[]> {
  const entries = await readdir(join(workDir, 'jobs'), { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  // What begins with a dot is being removed.
  return entries.filter(entry => entry.isDirectory() && !entry.name.startsWith('.')).map(entry => entry.name);
}

interface Found {
  state: CachedState;
  manifest: Manifest | null;
  note: string | null;
}

async function stateOf(dir: string, { verify, now }: { verify: boolean; now: number }): Promise<Found> {
  const manifest = await readManifest(dir).catch(() => 'unreadable' as const);
  const runs = await whoRuns(dir, now);
  if (manifest === 'unreadable') return { state: 'damaged', manifest: null, note: 'its manifest cannot be read' };
  if (manifest) {
    const damage = await damageOf(dir, manifest, verify);
    return { state: damage === null ? 'done' : 'damaged', manifest, note: damage ?? runs };
  }
  if (runs !== null) return { state: 'running', manifest: null, note: runs };
  const end = await lastEnd(dir);
  if (end?.why === 'held') return { state: 'held', manifest: null, note: end.checkpoint ?? null };
  const checkpoint = end?.checkpoint ? `up to ${end.checkpoint}` : null;
  return { state: 'partial', manifest: null, note: checkpoint };
}

/** The first published file that is gone or another, in words; null where all are as they were published. */
export async function damageOf(dir: string, manifest: Manifest, verify: boolean): Promise<string | null> {
  for (const { path, bytes, sha256 } of manifest.files) {
    const file = join(dir, path);
    const found = await stat(file).catch(() => null);
    if (!found) return `${path} is gone`;
    if (found.size !== bytes) return `${path} has ${found.size} bytes instead of ${bytes}`;
    if (verify && (await hashFile(file)) !== sha256) return `${path} has other contents than were published`;
  }
  return null;
}

async function claimant(dir: string): Promise<string | null> {
  for (const epoch of await epochsIn(dir)) {
    const claim = await readClaim(dir, epoch);
    if (claim) return claim.trial;
  }
  return null;
}

/** How the newest program of a job ended. */
async function lastEnd(dir: string): Promise<ExitRecord | null> {
  for (const epoch of await epochsIn(dir)) {
    const folder = epochDir(dir, epoch);
    for (const program of [folder, ...(await programDirs(folder))].reverse()) {
      const end = await readRecord<ExitRecord>(supervisorFiles(program).exit);
      if (end) return end;
    }
  }
  return null;
}

/** Bytes in a folder, each file once however many names it has there, and when the newest was written. */
async function measure(folder: string): Promise<{ bytes: number; newest: number }> {
  const seen = new Set<string>();
  let bytes = 0;
  let newest = 0;
  const add = (found: Stats) => {
    newest = Math.max(newest, found.mtimeMs);
    const id = `${found.dev}:${found.ino}`;
    if (found.isDirectory() || seen.has(id)) return;
    seen.add(id);
    bytes += found.size;
  };
  const walk = async (path: string): Promise<void> => {
    for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
      const below = join(path, entry.name);
      const found = await lstat(below).catch(() => null);
      if (found) add(found);
      if (entry.isDirectory()) await walk(below);
    }
  };
  await walk(folder);
  return { bytes, newest };
}
