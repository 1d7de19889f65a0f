import { createHash } from 'node:crypto';
import type { ComponentRegistry } from './component.ts';
import { type Place, Problems } from './diagnostic.ts';
import type { OpCatalogue } from './op-catalogue.ts';
import { displayPath } from './paths.ts';
import type { Json, JsonObject } from './plan.ts';
import { parseSource, type Source } from './source.ts';

/** What is to be compiled. */
export interface CompileRequest {
  /** Absolute path of a sandbox config, or the config itself. */
  config: string | JsonObject;
  /** `path → value`, set from outside: `<op>.<arg>`, `[<pipeline>.]<meta_name>.(dj|extra)_configs.…` or a global key. */
  set?: Record<string, Json>;
  /** Absolute folder that relative paths start from. */
  baseDir: string;
  /** Overrides `work_dir`. */
  workDir?: string;
  /** From 1, the default. */
  iteration?: number;
  /** `iter_updater` target → value from the iteration before. */
  iterValues?: Record<string, Json>;
  /** Whether a file that a job reads and that is not there is an error (default), or only said: to look at a plan on another machine. */
  absent?: 'error' | 'warning';
  /** False for a sweep's trials: results stay in their job's directories. Default true. */
  publishNamed?: boolean;
}

/** The file system as compile sees it; paths are absolute. */
export interface ConfigFiles {
  /** Text of a file, or null where it cannot be read. */
  read(path: string): string | null;
  stat(path: string): 'file' | 'directory' | null;
}

/** What all steps of one compile share. */
export class Compiling {
  readonly problems = new Problems();
  readonly notes: string[] = [];
  readonly sources = new Map<string, string>();
  readonly request: CompileRequest;
  readonly registry: ComponentRegistry;
  readonly files: ConfigFiles;
  readonly catalogue: OpCatalogue;
  #read = new Map<string, Source | null>();

  constructor(request: CompileRequest, registry: ComponentRegistry, files: ConfigFiles, catalogue: OpCatalogue) {
    this.request = request;
    this.registry = registry;
    this.files = files;
    this.catalogue = catalogue;
  }

  get baseDir(): string {
    return this.request.baseDir;
  }

  /** Reads a config file once; its problems are collected. Null where it is not there. */
  source(path: string): Source | null {
    const before = this.#read.get(path);
    if (before !== undefined) return before;
    const text = this.files.read(path);
    const source = text === null ? null : parseSource(displayPath(path, this.baseDir), text);
    this.#read.set(path, source);
    if (text !== null) this.sources.set(path, createHash('sha256').update(text).digest('hex'));
    for (const diagnostic of source?.diagnostics ?? []) this.problems.add(diagnostic);
    return source;
  }

  error(place: Place, message: string): void {
    this.problems.error(place, message);
  }

  warn(place: Place, message: string): void {
    this.problems.warn(place, message);
  }

  note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text);
  }
}

/** Place of what was set from outside. */
export function setPlace(path: string): Place {
  return { file: '--set', line: 0, col: 0, path };
}
