import { access, constants, lstat, mkdir, open, readdir, rename, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { Manifest } from '../../plan/manifest.ts';
import type { Plan, PlanJob, WritePath } from '../../plan/plan.ts';
import { createOnce, linkAtomically, syncFolder } from './atomic.ts';
import { JobFailure } from './failure.ts';
import { hashFile } from './fingerprint.ts';
import { manifestPath, readManifest } from './job-dir.ts';

/**
 * All files below a folder, with sizes, hashes and times, synced to disk; paths relative to `root`, sorted. Of a symbolic link to a file the
 * content counts; links to folders or to nothing, sockets and pipes are no results.
 */
export async function sealFiles(folder: string, root: string): Promise<Manifest['files']> {
  const files: Manifest['files'] = [];
  for (const entry of (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      files.push(...(await sealFiles(path, root)));
      continue;
    }
    const found = await stat(path).catch(() => null);
    if (!found?.isFile()) continue;
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    const { size: bytes, mtimeMs } = await stat(path);
    const sha256 = await hashFile(path);
    files.push({ path: relative(root, path), bytes, sha256, mtime: Math.trunc(mtimeMs) });
  }
  await syncFolder(folder);
  return files;
}

/** Publishes a job: the first manifest wins, a second run gets the first's back. */
export async function publishManifest(dir: string, manifest: Manifest): Promise<Manifest> {
  const first = await createOnce(manifestPath(dir), `${JSON.stringify(manifest, null, 1)}\n`);
  return first ? manifest : ((await readManifest(dir)) ?? manifest);
}

/** A path inside the job's directory, or a failure: results never point elsewhere. */
export function insideJob(dir: string, path: string): string {
  const inside = relative(dir, path);
  if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`)) {
    throw new JobFailure(`the result ${path} is outside the job's directory ${dir}`);
  }
  return inside;
}

/** A path of a list of results as the manifest has it: relative to the job's directory where it is that of a job of the same work_dir. */
export function listedPath(dir: string, path: string): string {
  return path.startsWith(dirname(dir) + sep) ? relative(dir, path) : path;
}

/** Fails early where a path that the config names cannot be made. */
export async function checkWritable(write: WritePath): Promise<void> {
  const there = write.kind === 'directory' && (await stat(write.named).catch(() => null));
  const folder = there ? write.named : dirname(write.named);
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new JobFailure(
      `${write.at}: cannot write ${write.named} (${code ?? message}): choose a folder that can be written to`,
    );
  }
}

/**
 * Links a job's outputs at the paths that the config names, and at their `iter_<n>` spelling; what a user had there is kept beside.
 * A named folder stays a real folder with a link an entry, because several jobs may name the same one.
 */
export async function publishNamed(plan: Plan, job: PlanJob, dir: string, manifest: Manifest): Promise<void> {
  for (const write of job.writes) {
    const made = manifest.writes[write.at];
    if (made === undefined) continue;
    const target = join(dir, made);
    // What a job announced and then had no reason to make is not there.
    const entries = write.kind === 'directory' ? await entriesOf(target) : await withSiblings(target);
    const [from, to] = write.kind === 'directory' ? [target, write.named] : [dirname(target), dirname(write.named)];
    for (const entry of entries) {
      const name = write.kind === 'directory' ? entry : renamed(entry, target, write.named);
      await linkKeeping(join(to, name), join(from, entry));
      await linkKeeping(join(to, `iter_${plan.iteration}`, name), join(from, entry));
    }
  }
}

const stemOf = (path: string) => basename(path).replace(/\.[^.]*$/, '');

/** A file and what was made beside it under its name: `d.jsonl` and `d_stats.jsonl`. */
async function withSiblings(target: string): Promise<string[]> {
  const names = await entriesOf(dirname(target));
  return names.filter(name => name === basename(target) || name.startsWith(`${stemOf(target)}_`));
}

/** The job may have run for a config that names its output otherwise: `e_stats.jsonl` beside `e.jsonl` is `d_stats.jsonl` beside `d.jsonl`. */
function renamed(entry: string, target: string, named: string): string {
  return entry === basename(target) ? basename(named) : `${stemOf(named)}${entry.slice(stemOf(target).length)}`;
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function linkKeeping(named: string, target: string): Promise<void> {
  const there = await lstat(named).catch(() => null);
  if (there && !there.isSymbolicLink()) await rename(named, `${named}.before-${Date.now()}`);
  await linkAtomically(named, target);
}
