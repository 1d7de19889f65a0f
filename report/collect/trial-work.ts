// What the trials of a sweep or study did, read once for each job that several of them share.
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readRecord, supervisorFiles } from '../../activities/runtime/supervisor-files.ts';
import type { JobWork, TrialWork, WorkSegment } from '../model/trial-work.ts';
import { runFolders } from './job-runs.ts';
import { type JobRecord, jobRecords, readTrialRecord } from './trial-record.ts';

/** An entry of segments.json, as far as it is told here. */
interface SegmentRecord {
  from: string | null;
  step: number;
  /** Seconds since 1970. */
  t: number;
  ended?: { why: string; furthest: number | null; t: number };
}

/** Reads what trials of one work_dir did. */
export class TrialWorks {
  readonly #workDir: string;
  readonly #segments = new Map<string, Promise<WorkSegment[]>>();
  /** Which trial was the first to come with a job that is not done. */
  readonly #firstWith = new Map<string, string>();

  constructor(workDir: string) {
    this.#workDir = workDir;
  }

  /** A trial's work, and the records that it was read from; trials are to be read in the order in which they began. */
  async read(id: string): Promise<{ work: TrialWork; records: JobRecord[] }> {
    const trial = await readTrialRecord(this.#workDir, id);
    if (!trial)
      return {
        work: { jobs: [], lacking: [`trial ${id} has no plan in this work_dir: its files are gone`] },
        records: [],
      };
    const records = await jobRecords(trial);
    const jobs: JobWork[] = [];
    const lacking = [...trial.lacking];
    for (const record of records) {
      if (record.damaged !== null) lacking.push(`${record.job.id}: ${record.damaged}`);
      else if (record.manifest) lacking.push(...lostFiles(record));
      jobs.push(await this.#work(id, record));
    }
    return { work: { jobs, lacking }, records };
  }

  async #work(id: string, { job, key, dir, manifest }: JobRecord): Promise<JobWork> {
    const first = key === null ? id : (this.#firstWith.get(key) ?? id);
    if (key !== null) this.#firstWith.set(key, first);
    const by = manifest?.trial ?? null;
    const isOwn = manifest ? by === id : first === id;
    return {
      id: job.id,
      metaName: job.metaName,
      component: job.component,
      key,
      state: manifest ? (by === id ? 'ran' : 'reused') : 'open',
      by,
      startedAt: timeOf(manifest?.startedAt),
      finishedAt: timeOf(manifest?.finishedAt),
      seconds: manifest?.seconds ?? null,
      host: manifest?.host ?? null,
      devices: manifest?.devices ?? [],
      gpus: job.resources?.gpus ?? 0,
      metrics: manifest?.metrics ?? {},
      segments: isOwn && key !== null ? await this.#segmentsOf(key, dir) : [],
    };
  }

  #segmentsOf(key: string, dir: string): Promise<WorkSegment[]> {
    const known = this.#segments.get(key) ?? this.#readSegments(dir);
    this.#segments.set(key, known);
    return known;
  }

  /** Of each program the newest run's, which has those of the runs before it as well. */
  async #readSegments(dir: string): Promise<WorkSegment[]> {
    const newest = new Map<string, string>();
    for (const { path, program } of await runFolders(dir)) newest.set(program, path);
    const found: WorkSegment[] = [];
    for (const path of newest.values()) {
      const { segments } = supervisorFiles(path);
      const records = await readRecord<SegmentRecord[]>(segments);
      const file = relative(this.#workDir, segments);
      for (const [index, { step, t, ended }] of (Array.isArray(records) ? records : []).entries())
        found.push({
          file,
          index,
          from: t * 1000,
          to: ended ? ended.t * 1000 : null,
          step,
          furthest: ended?.furthest ?? null,
          why: ended?.why ?? null,
        });
    }
    return found.sort((a, b) => a.from - b.from);
  }
}

/** What a manifest lists and is not there any more: of many files the first is named. */
function lostFiles({ job, dir, manifest }: JobRecord): string[] {
  const paths = (manifest?.results ?? []).flatMap(result => (result.kind === 'path' ? [result.path] : []));
  const lost = paths.filter(path => !existsSync(join(dir, path)));
  return lost.length === 0 ? [] : [`${job.id}: ${lost[0]} is not there any more`];
}

function timeOf(text: string | undefined): number | null {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? null : time;
}
