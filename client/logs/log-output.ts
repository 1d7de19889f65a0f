// Where the lines of logs go: to a terminal harmless, to a pipe or file as they are, or as JSON.
import type { JobRecord } from '../../report/collect/trial-record.ts';
import { clip, columns } from '../text.ts';
import { HarmlessLines } from './harmless-lines.ts';
import type { LogFile } from './log-files.ts';

/** Which log of which job something comes from. */
export interface LogSource {
  record: JobRecord;
  file: LogFile;
}

export interface LogOutput {
  write: (source: LogSource, bytes: Buffer) => void;
  /** What was read up to now is all there is for the moment: an unfinished line may be shown. */
  pause: () => void;
  end: () => void;
}

interface OutputOptions {
  /** What to call a log before its first line, where the source changes; null: no headings. */
  heading: ((source: LogSource) => string) | null;
}

/** To a terminal: control characters removed, a progress bar as its last state, redrawn while it goes on. */
export function terminalOutput(stream: NodeJS.WriteStream, { heading }: OutputOptions): LogOutput {
  const readers = new Map<string, HarmlessLines>();
  let last: string | null = null;
  let drawn = '';
  const erase = () => {
    if (drawn !== '') stream.write('\r\u001b[K');
    drawn = '';
  };
  return {
    write: (source, bytes) => {
      const name = nameOf(source);
      const lines = readers.get(name) ?? new HarmlessLines();
      readers.set(name, lines);
      const whole = lines.push(bytes);
      if (last !== null && last !== name) finish(readers.get(last), stream, erase);
      else erase();
      if (last !== name && heading)
        stream.write(`${last === null ? '' : '\n'}==> ${clip(heading(source), (stream.columns ?? 80) - 8)} <==\n`);
      last = name;
      for (const line of whole) stream.write(`${line}\n`);
    },
    pause: () => {
      const text = clip(last === null ? '' : (readers.get(last)?.unfinished ?? ''), (stream.columns ?? 80) - 1);
      if (text === drawn) return;
      erase();
      // A line that would wrap could not be erased again.
      if (columns(text) > 0) stream.write(text);
      drawn = text;
    },
    end: () => finish(last === null ? undefined : readers.get(last), stream, erase),
  };
}

function finish(lines: HarmlessLines | undefined, stream: NodeJS.WriteStream, erase: () => void): void {
  erase();
  const rest = lines?.unfinished ?? '';
  if (rest !== '') stream.write(`${rest}\n`);
}

/** To a pipe or file: the bytes as the program wrote them. */
export function plainOutput(stream: NodeJS.WriteStream, { heading }: OutputOptions): LogOutput {
  let last: string | null = null;
  let isOpen = false;
  return {
    write: (source, bytes) => {
      const name = nameOf(source);
      if (heading && last !== name)
        stream.write(`${isOpen ? '\n' : ''}${last === null ? '' : '\n'}==> ${heading(source)} <==\n`);
      last = name;
      stream.write(bytes);
      isOpen = bytes.at(-1) !== 10;
    },
    pause: () => {},
    end: () => {},
  };
}

/** A line of JSON a line of the log: `{job, iteration, run, segment, program, line}`. */
export function jsonOutput(stream: NodeJS.WriteStream): LogOutput {
  const readers = new Map<string, { lines: HarmlessLines; source: LogSource }>();
  const say = ({ record, file }: LogSource, line: string) =>
    stream.write(
      `${JSON.stringify({
        job: record.job.id,
        iteration: record.iteration,
        run: file.epoch,
        segment: file.segment,
        program: file.program === '' ? null : file.program,
        line,
      })}\n`,
    );
  return {
    write: (source, bytes) => {
      const reader = readers.get(nameOf(source)) ?? { lines: new HarmlessLines(), source };
      readers.set(nameOf(source), reader);
      for (const line of reader.lines.push(bytes)) say(source, line);
    },
    pause: () => {},
    end: () => {
      for (const { lines, source } of readers.values()) if (lines.unfinished !== '') say(source, lines.unfinished);
    },
  };
}

const nameOf = ({ record, file }: LogSource) => `${record.dir} ${file.name}`;
