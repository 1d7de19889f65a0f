import { type ChildProcess, spawn } from 'node:child_process';
import type { JsonObject } from '../../plan/plan.ts';
import { JobFailure } from './failure.ts';
import { lastLines } from './last-lines.ts';
import { linesOf } from './lines-of.ts';
import { pythonFile, pythonOf } from './paths.ts';
import { programEnvironment } from './program-environment.ts';
import type { Progress } from './progress.ts';

/** A job for Data-Juicer. Paths are absolute. */
export interface DataJuicerRequest {
  action: 'analyze' | 'process';
  recipe: JsonObject;
  /** Gets everything that Data-Juicer prints. */
  log: string;
  /** Data-Juicer's own folder (logs, analysis, caches); made if absent. */
  scratch: string;
  options?: {
    plots?: boolean;
    allowFailedSamples?: boolean;
    allowEmpty?: boolean;
    /** Bytes of shared memory of a Ray of the job's own. */
    objectStoreMemory?: number;
    /** `scratch` of earlier runs of the same job, the newest first: an executor that can goes on from what is there. */
    earlier?: string[];
  };
  signal: AbortSignal;
  onProgress?: (progress: Omit<Progress, 'job'>) => void;
}

/** What Data-Juicer made. */
export interface DataJuicerResult {
  exportPath: string;
  samplesIn: number;
  samplesOut: number;
  /** Samples left after each op, in order. */
  kept: { op: string; kept: number }[];
  /** Samples left out because an op failed on them (only where that is allowed). */
  failed: number;
  notes: string[];
  versions: Record<string, string>;
  /** The folder of overall.csv; '' where nothing was analysed. */
  analysis: string;
  /** Its numbers by stat and row. */
  stats: Record<string, Record<string, number>>;
}

interface Reply {
  id?: string;
  ready?: { versions: Record<string, string>; seconds: number };
  progress?: { phase: string; step?: number; total?: number };
  done?: Omit<DataJuicerResult, 'versions'>;
  failed?: { message: string; passing?: boolean; crash?: { signal: string | null; code: number | null } };
}

interface Pending {
  resolve: (reply: Reply) => void;
  reject: (error: Error) => void;
  onProgress: DataJuicerRequest['onProgress'];
}

interface Held {
  ref(): void;
  unref(): void;
}

const STDERR_CHARS = 8000;

/**
 * One Python process that has Data-Juicer imported and forks a process a job. It starts with the first job, ends with this process, and
 * is started anew after it died: then the jobs that it ran fail with a plain Error, which is retried.
 */
export class DataJuicerHost {
  private readonly python: string;
  private child: ChildProcess | null = null;
  private versions: Promise<Record<string, string>> | null = null;
  private readonly pending = new Map<string, Pending>();
  private last = 0;

  constructor(python: string = pythonOf('data-juicer')) {
    this.python = python;
  }

  /** Starts the process unless it runs; resolves with the versions of Data-Juicer's packages once it can take jobs. */
  async start(): Promise<Record<string, string>> {
    this.versions ??= this.spawn();
    return await this.versions;
  }

  /**
   * Runs a job.
   *
   * @throws JobFailure when the recipe, the data or an op is at fault; Error when the process, or Ray under the job, died (worth a retry); the signal's reason
   * when it was aborted, after the job's whole process group has ended.
   */
  async run(request: DataJuicerRequest): Promise<DataJuicerResult> {
    request.signal.throwIfAborted();
    request.onProgress?.({ phase: 'starting Data-Juicer' });
    const versions = await this.start();
    request.signal.throwIfAborted();
    const id = String(++this.last);
    const { action, recipe, log, scratch, options = {} } = request;
    const cancel = () => this.send({ cancel: id });
    request.signal.addEventListener('abort', cancel);
    try {
      const reply = await new Promise<Reply>((resolve, reject) => {
        this.pending.set(id, { resolve, reject, onProgress: request.onProgress });
        this.hold(true);
        this.send({ id, action, recipe, log, scratch, options });
      });
      request.signal.throwIfAborted();
      if (reply.done) return { ...reply.done, versions };
      if (reply.failed?.passing) throw new Error(reply.failed.message);
      throw new JobFailure(reply.failed?.message ?? 'Data-Juicer gave no reason', {
        logTail: await lastLines(log, 20).catch(() => []),
      });
    } finally {
      request.signal.removeEventListener('abort', cancel);
      this.pending.delete(id);
      this.hold(this.pending.size > 0);
    }
  }

  /** Ends the process and whatever it runs. */
  async stop(): Promise<void> {
    const child = this.child;
    if (child === null) return;
    const ended = new Promise(resolve => child.once('exit', resolve));
    child.stdin?.end();
    await ended;
  }

  /** Process id while it runs, for tests that kill it. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  private async spawn(): Promise<Record<string, string>> {
    const child = spawn(this.python, [pythonFile('data-juicer-host', 'host.py')], {
      env: programEnvironment(),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child = child;
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-STDERR_CHARS);
    });
    // A write to a host that just died must not end the worker.
    child.stdin.on('error', () => {});
    return await new Promise((resolve, reject) => {
      let ready = false;
      const ended = (error: Error) => {
        this.child = null;
        this.versions = null;
        reject(error);
        for (const job of this.pending.values()) job.reject(error);
      };
      child.once('error', error => ended(cannotStart(this.python, error)));
      child.once('close', (code, signal) => ended(died(ready, code, signal, stderr)));
      linesOf(child.stdout, line => {
        const reply = JSON.parse(line) as Reply;
        if (reply.ready) {
          ready = true;
          this.hold(this.pending.size > 0);
          resolve(reply.ready.versions);
        } else this.take(reply);
      });
    });
  }

  private take(reply: Reply): void {
    const job = this.pending.get(reply.id ?? '');
    if (!job) return;
    if (reply.progress) job.onProgress?.({ ...reply.progress, unit: 'sample' });
    else job.resolve(reply);
  }

  private send(message: object): void {
    this.child?.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  /** An idle host does not keep this process alive. */
  private hold(busy: boolean): void {
    const { child } = this;
    if (child === null) return;
    // Pipes of a child are sockets, which can be let go of; their declared types do not say so.
    for (const part of [child, child.stdin, child.stdout, child.stderr] as unknown as Held[]) {
      if (busy) part.ref();
      else part.unref();
    }
  }
}

function cannotStart(python: string, error: Error): JobFailure {
  return new JobFailure(
    `the Data-Juicer environment cannot be started (${python}): ${error.message}; set-up makes it, see README`,
    { cause: error },
  );
}

function died(ready: boolean, code: number | null, signal: string | null, stderr: string): Error {
  const how = signal ? `was ended by ${signal}` : `exited with code ${code}`;
  const words = stderr.trim().split('\n').at(-1) ?? '';
  if (ready || signal) return new Error(`the Data-Juicer process ${how} while the job ran`);
  return new JobFailure(`Data-Juicer could not be imported (it ${how}): ${words}`, {
    logTail: stderr.split('\n').slice(-20),
  });
}

let shared: DataJuicerHost | null = null;

/** Runs a job on this worker's host, starting that first if needed. Throws as {@link DataJuicerHost.run} does. */
export async function dataJuicer(request: DataJuicerRequest): Promise<DataJuicerResult> {
  shared ??= new DataJuicerHost();
  return await shared.run(request);
}

/** Starts this worker's host, so that the first job finds it ready; resolves once it is, rejects as the first job would. */
export async function warmDataJuicer(): Promise<void> {
  shared ??= new DataJuicerHost();
  await shared.start();
}

/** Ends this worker's host and its jobs. */
export async function stopDataJuicer(): Promise<void> {
  await shared?.stop();
}
