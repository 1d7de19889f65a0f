import type { ConfigPath, Place } from './diagnostic.ts';
import { formatPath } from './diagnostic.ts';
import { isWithin } from './dotted.ts';
import type { Source } from './source.ts';

/** A part of a config text: knows where the values below a path of it stand. */
export class Origin {
  readonly source: Source;
  readonly base: ConfigPath;

  constructor(source: Source, base: ConfigPath = []) {
    this.source = source;
    this.base = base;
  }

  inside(...path: ConfigPath): Origin {
    return new Origin(this.source, [...this.base, ...path]);
  }

  place(path: ConfigPath = [], what: 'value' | 'key' = 'value'): Place {
    const whole = [...this.base, ...path];
    return { file: this.source.file, ...this.source.at(whole, what), path: formatPath(whole) };
  }
}

interface Written {
  /** Dotted config key. */
  at: string;
  place: Place;
  /** The config had nothing there. */
  isNew: boolean;
}

/** Where the values of one job's two configs come from: texts, and what `local`, `--set` and iteration updates wrote over them. */
export class ConfigPlaces {
  #roots = new Map<string, Origin>();
  #written: Written[] = [];

  setRoot(root: string, origin: Origin): void {
    this.#roots.set(root, origin);
  }

  root(root: string): Origin | undefined {
    return this.#roots.get(root);
  }

  write(at: string, place: Place, isNew = false): void {
    this.#written.push({ at, place, isNew });
  }

  /** Values written over the texts. */
  get written(): readonly Written[] {
    return this.#written;
  }

  /** Place of the value (or its key) at a dotted config key; the last writer is named. */
  place(at: string, what: 'value' | 'key' = 'value'): Place {
    const writer = this.#written.findLast(each => isWithin(at, each.at));
    if (writer) return writer.place;
    const [root = '', ...rest] = at.split('.');
    const origin = this.#roots.get(root);
    if (!origin) return { file: '', line: 0, col: 0, path: at };
    return origin.place(
      rest.map(part => (/^\d+$/.test(part) ? Number(part) : part)),
      what,
    );
  }
}
