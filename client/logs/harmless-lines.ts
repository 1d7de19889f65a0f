import { StringDecoder } from 'node:string_decoder';
import { cleanLine } from '../../activities/runtime/log-patterns.ts';

/** Marks that turn the direction of text around: they can make a line look like another. */
const DIRECTIONS = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/** An unfinished line longer than this is given out in pieces. */
const MOST_CHARACTERS = 64 * 1024;

/** A line without anything by which a terminal would do more than show it; of one that a progress bar rewrote, its last state. */
export function harmless(line: string): string {
  const states = line.split('\r').filter(state => state !== '');
  return cleanLine(states.at(-1) ?? '').replace(DIRECTIONS, '');
}

/** Turns the bytes of a log, as they come, into harmless lines. */
export class HarmlessLines {
  #decoder = new StringDecoder('utf8');
  #rest = '';

  /** The lines that are complete with these bytes. */
  push(bytes: Buffer): string[] {
    const lines = (this.#rest + this.#decoder.write(bytes)).split('\n');
    this.#rest = lines.pop() ?? '';
    // Of a bar that is rewritten for long only the last state is of use.
    const last = this.#rest.search(/\r[^\r]+\r*$/);
    if (last > 0) this.#rest = this.#rest.slice(last);
    if (this.#rest.length > MOST_CHARACTERS) {
      lines.push(this.#rest);
      this.#rest = '';
    }
    return lines.map(harmless);
  }

  /** What there is of a line that has not ended. */
  get unfinished(): string {
    return harmless(this.#rest);
  }
}
