import type { MetricsLine } from './metrics-follower.ts';
import type { ProgramSpec } from './program-spec.ts';
import type { Progress } from './progress.ts';

/** Speed is measured over so many of the last steps where the log does not tell it. */
const WINDOW = 20;

/** Turns metrics lines into progress. The step only grows within one segment, phase and total. */
export class ProgressMeter {
  #now: Omit<Progress, 'job'>;
  #segment = 0;
  #recent: { t: number; step: number }[] = [];

  constructor({ phase, total, unit }: Pick<ProgramSpec, 'phase' | 'total' | 'unit'>) {
    this.#now = defined({ phase, total, unit });
  }

  get progress(): Omit<Progress, 'job'> {
    return { ...this.#now };
  }

  /** Takes lines in the order of the file. */
  take(lines: readonly MetricsLine[]): void {
    for (const line of lines) this.#takeLine(line);
  }

  #takeLine(line: MetricsLine): void {
    const number = (name: string) => (typeof line[name] === 'number' ? line[name] : undefined);
    const text = (name: string) => (typeof line[name] === 'string' ? line[name] : undefined);
    const bar = defined({ phase: text('phase') ?? this.#now.phase, total: number('total') ?? this.#now.total });
    if (line.segment !== this.#segment || bar.phase !== this.#now.phase || bar.total !== this.#now.total)
      this.#startOver(line.segment);
    // It goes on from there, whatever earlier segments had done.
    if (typeof line.from === 'number') this.#now = { ...this.#now, step: line.from };
    // A loss that is no number: better none than the one before.
    if (text('loss') !== undefined) delete this.#now.loss;
    const rest = defined({
      loss: number('loss'),
      lr: number('lr'),
      checkpoint: text('checkpoint'),
      logOffset: line.offset,
      segment: line.segment,
    });
    this.#now = { ...this.#now, ...bar, ...rest };
    const step = number('step');
    if (step !== undefined) this.#takeStep(line.t, step, number('speed'), number('eta'));
  }

  #takeStep(t: number, said: number, saidSpeed: number | undefined, saidEta: number | undefined): void {
    const step = Math.max(said, this.#now.step ?? 0);
    if (step !== this.#recent.at(-1)?.step) this.#recent = [...this.#recent, { t, step }].slice(-WINDOW);
    const speed = saidSpeed ?? this.#measuredSpeed();
    const { total } = this.#now;
    const eta = saidEta ?? (total !== undefined && speed ? Math.max(0, total - step) / speed : undefined);
    this.#now = { ...this.#now, ...defined({ step, speed, eta }) };
  }

  /** Another bar, or a program started again: its steps are counted from where it says. */
  #startOver(segment: number): void {
    const { step: _step, speed: _speed, eta: _eta, ...kept } = this.#now;
    this.#now = kept;
    this.#segment = segment;
    this.#recent = [];
  }

  #measuredSpeed(): number | undefined {
    const first = this.#recent[0];
    const last = this.#recent.at(-1);
    return first && last && last.t > first.t ? (last.step - first.step) / (last.t - first.t) : undefined;
  }
}

function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
