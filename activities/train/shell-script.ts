const PLAIN = /^[\w@%+=:,./-]+$/;

/** A command line as a script that runs it in its folder: for reading, and for running by hand. */
export function shellScript(cwd: string, env: Record<string, string>, argv: readonly string[]): string {
  const variables = Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}`);
  return [
    '#!/usr/bin/env bash',
    'set -e',
    `cd ${quoted(cwd)}`,
    ...variables,
    argv.map(quoted).join(' \\\n  '),
    '',
  ].join('\n');
}

function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
