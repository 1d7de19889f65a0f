import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Tracker } from '../../plan/watching.ts';
import { pythonFile, pythonOf } from '../runtime/paths.ts';
import { programEnvironment } from '../runtime/program-environment.ts';

/**
 * A sender that says nothing for so long hangs in a client: clients have time limits of their own, which are shorter. But where all processors are
 * taken it gets a 68th of one, and takes minutes to load a client.
 */
const HANG_MS = 900_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 300_000;
const STOP_MS = 10_000;

/** What a sender says of a trial. */
export interface Sent {
  folder: string;
  /** Rows. */
  sent?: number;
  done?: boolean;
  /** It does no more about this trial. */
  over?: boolean;
  /** Another process sends it just now. */
  busy?: boolean;
  error?: string | null;
}

export interface SenderOptions {
  /** Sends each trial as far as it has got, then ends. */
  once?: boolean;
  hangMs?: number;
  /** What the user should know. */
  say: (line: string) => void;
  onSent?: (name: string, sent: Sent) => void;
}

/**
 * Programs that send trials to trackers, one for each tracker. They are no part of any job: one that dies or hangs is started again, after longer
 * and longer pauses, and goes on where the tracker has it.
 */
export class Senders {
  readonly #senders = new Map<string, Sender>();
  readonly #options: SenderOptions;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Resolves when the trial has ended and all of it is sent, or when the sender ended (with `once`). */
  send(folder: string, { name, tracker }: { name: string; tracker: Tracker }): Promise<Sent> {
    let sender = this.#senders.get(name);
    if (!sender) {
      sender = new Sender(name, tracker, this.#options);
      this.#senders.set(name, sender);
    }
    return sender.send(folder);
  }

  /** Nothing more comes: a sender with `once` ends when it has sent all. */
  close(): void {
    for (const sender of this.#senders.values()) sender.close();
  }

  /** What is not sent by now stays on disk. */
  async stop(): Promise<void> {
    await Promise.all([...this.#senders.values()].map(sender => sender.stop()));
  }
}

class Sender {
  readonly #name: string;
  readonly #tracker: Tracker;
  readonly #options: SenderOptions;
  readonly #wanted = new Map<string, { promise: Promise<Sent>; resolve: (sent: Sent) => void; last: Sent }>();
  #child: ChildProcess | null = null;
  #ended: Promise<void> = Promise.resolve();
  #restart: NodeJS.Timeout | null = null;
  #alarm: NodeJS.Timeout | null = null;
  #wait = FIRST_WAIT_MS;
  #isStopping = false;
  #isClosed = false;
  #said = '';

  constructor(name: string, tracker: Tracker, options: SenderOptions) {
    this.#name = name;
    this.#tracker = tracker;
    this.#options = options;
  }

  send(folder: string): Promise<Sent> {
    const known = this.#wanted.get(folder);
    if (known) return known.promise;
    let resolve: (sent: Sent) => void = () => {};
    const promise = new Promise<Sent>(done => {
      resolve = done;
    });
    this.#wanted.set(folder, { promise, resolve, last: { folder } });
    if (this.#child) this.#give(folder);
    else if (!this.#restart) this.#start();
    return promise;
  }

  close(): void {
    this.#isClosed = true;
    this.#child?.stdin?.end();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#restart) clearTimeout(this.#restart);
    this.#child?.stdin?.end();
    const kill = setTimeout(() => this.#kill(), STOP_MS);
    await this.#ended;
    clearTimeout(kill);
  }

  #start(): void {
    this.#restart = null;
    const python = pythonOf('trackers');
    if (!existsSync(python)) {
      this.#failed(`needs the Python environment trackers, and there is none at ${python}: run \`npm run setup\``);
      return;
    }
    const args = [pythonFile('trackers', 'main.py'), ...(this.#options.once ? ['--once'] : [])];
    // A group of its own: clients start services, which are ended with it.
    const child = spawn(python, args, { env: programEnvironment(), detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    let lastWords = '';
    child.stdin.on('error', () => {});
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-2_000);
    });
    createInterface({ input: child.stdout }).on('line', line => this.#heard(line));
    this.#ended = new Promise(resolve => {
      child.once('error', error => {
        lastWords = error.message;
        resolve();
      });
      child.once('close', () => resolve());
    });
    void this.#ended.then(() => this.#over(lastWords));
    this.#watch();
    for (const folder of this.#wanted.keys()) this.#give(folder);
    if (this.#isClosed) child.stdin.end();
  }

  #give(folder: string): void {
    this.#child?.stdin?.write(`${JSON.stringify({ folder, name: this.#name, tracker: this.#tracker })}\n`);
  }

  #watch(): void {
    if (this.#alarm) clearTimeout(this.#alarm);
    this.#alarm = setTimeout(() => {
      this.#say(`said nothing for ${(this.#options.hangMs ?? HANG_MS) / 1000} s: it is started again`);
      this.#kill();
    }, this.#options.hangMs ?? HANG_MS);
  }

  #kill(): void {
    const pid = this.#child?.pid;
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }

  #heard(line: string): void {
    this.#watch();
    const sent = JSON.parse(line) as Sent & { beat?: true };
    if (sent.beat) return;
    const wanted = this.#wanted.get(sent.folder);
    if (!wanted) return;
    wanted.last = sent;
    if (sent.error) this.#say(sent.error);
    else {
      this.#wait = FIRST_WAIT_MS;
      this.#said = '';
    }
    this.#options.onSent?.(this.#name, sent);
    if (!sent.over) return;
    this.#wanted.delete(sent.folder);
    wanted.resolve(sent);
  }

  #over(lastWords: string): void {
    if (this.#alarm) clearTimeout(this.#alarm);
    // What else is in its group is of no use without it.
    this.#kill();
    this.#child = null;
    if (this.#wanted.size === 0 || this.#isStopping) return;
    this.#failed(`its program ended: ${lastWords.trim().split('\n').at(-1) ?? ''}`);
  }

  #failed(why: string): void {
    this.#say(why);
    if (this.#options.once) {
      for (const [folder, { resolve, last }] of this.#wanted) resolve({ ...last, folder, error: why, over: true });
      this.#wanted.clear();
      return;
    }
    this.#restart = setTimeout(() => this.#start(), this.#wait);
    this.#restart.unref();
    this.#wait = Math.min(2 * this.#wait, LONGEST_WAIT_MS);
  }

  /** The same thing is said once until it goes well again. */
  #say(what: string): void {
    if (this.#said === what) return;
    this.#said = what;
    this.#options.say(`tracker ${this.#name}: ${what}`);
  }
}
