import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { clip } from '../../plan/clip.ts';
import { JobFailure } from '../runtime/failure.ts';
import { pythonFile, pythonOf } from '../runtime/paths.ts';
import { programEnvironment } from '../runtime/program-environment.ts';

const STDERR_CHARS = 4_000;
const ERROR_CHARS = 1_000;

type Answer = { ready: true } | { point: number[] } | { taken: number } | { error: string };

interface Held {
  ref(): void;
  unref(): void;
}

/** Thrown where the process was killed before it answered; the message says how. */
export class SamplerDied extends Error {
  override name = 'SamplerDied';
}

/** A Python process of our samplers' environment. It answers line by line, and ends when this process does. */
export class SamplerProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<{ how: string; wasKilled: boolean }>;
  #stderr = '';
  isAlive = true;

  /** @throws JobFailure where there is no such environment. */
  constructor() {
    const python = pythonOf('samplers');
    if (!existsSync(python))
      throw new JobFailure(
        `it needs the Python environment samplers, and there is none at ${python}: run \`npm run setup\` (grid and random need none)`,
      );
    // The same hashes in every process, so that the order of a set cannot matter.
    const env = { ...programEnvironment(), PYTHONHASHSEED: '0' };
    this.#child = spawn(python, [pythonFile('samplers', 'suggest.py')], { env });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARS);
    });
    // A write to a process that just died must not end the worker: its end is told in `ask`.
    this.#child.stdin.on('error', () => {});
    this.#ended = new Promise(resolve => {
      this.#child.once('error', error => resolve({ how: `could not start: ${error.message}`, wasKilled: false }));
      this.#child.once('close', (code, signal) =>
        resolve({ how: signal ? `was ended by ${signal}` : `exited with code ${code}`, wasKilled: signal !== null }),
      );
    });
    void this.#ended.then(() => {
      this.isAlive = false;
    });
  }

  /**
   * Sends a message and reads its answer.
   *
   * @throws JobFailure where the answer is an error, in a sentence, or the process ended by itself; SamplerDied where it was killed.
   */
  async ask<A extends Answer>(message: object): Promise<A> {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) {
      const { how, wasKilled } = await this.#ended;
      if (wasKilled) throw new SamplerDied(how);
      const words = clip(this.#stderr.trim().split('\n').at(-1) ?? '', ERROR_CHARS);
      throw new JobFailure(`its process ${how}${words && `: ${words}`}`);
    }
    const answer = JSON.parse(value) as Answer;
    if ('error' in answer) throw new JobFailure(clip(answer.error, ERROR_CHARS));
    return answer as A;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** An idle process does not keep this one alive. */
  hold(isBusy: boolean): void {
    const { stdin, stdout, stderr } = this.#child;
    // Pipes of a child are sockets, which can be let go of; their declared types do not say so.
    for (const part of [this.#child, stdin, stdout, stderr] as unknown as Held[]) {
      if (isBusy) part.ref();
      else part.unref();
    }
  }

  /** Lets it end by itself. */
  end(): void {
    this.#child.stdin.end();
  }
}
