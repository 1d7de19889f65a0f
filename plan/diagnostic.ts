export type ConfigPath = readonly (string | number)[];

/** Where something stands in a text; line and column count from 1, and are 0 for what is in no text (inline configs, `--set`). */
export interface Place {
  file: string;
  line: number;
  col: number;
  path: string;
}

/** Something to tell the user about a config. The message says what is wrong and what would be right. */
export interface Diagnostic extends Place {
  message: string;
  severity: 'error' | 'warning';
}

/** `file:line:col path: what, what would be right`. */
export function formatDiagnostic({ file, line, col, path, message, severity }: Diagnostic): string {
  const where = line > 0 ? `${file}:${line}:${col}` : file;
  const what = severity === 'warning' ? `warning: ${message}` : message;
  return path === '' ? `${where}: ${what}` : `${where} ${path}: ${what}`;
}

/** `a.b[0].c`. */
export function formatPath(path: ConfigPath): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('');
}

/** Collects diagnostics; the same thing said twice of the same place is kept once. */
export class Problems {
  readonly list: Diagnostic[] = [];
  #seen = new Set<string>();

  error(place: Place, message: string): void {
    this.add({ ...place, message, severity: 'error' });
  }

  warn(place: Place, message: string): void {
    this.add({ ...place, message, severity: 'warning' });
  }

  add(diagnostic: Diagnostic): void {
    const said = formatDiagnostic(diagnostic);
    if (this.#seen.has(said)) return;
    this.#seen.add(said);
    this.list.push(diagnostic);
  }

  get errors(): Diagnostic[] {
    return this.list.filter(each => each.severity === 'error');
  }

  get warnings(): Diagnostic[] {
    return this.list.filter(each => each.severity === 'warning');
  }
}
