// The functions in the shells themselves, where those are installed; what they ask is played by a program.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SCRIPTS, type Shell } from '../../../client/completion/scripts.ts';

const folder = mkdtempSync(join(tmpdir(), 'dj-shells-'));
beforeAll(() => {
  const player = join(folder, 'dj-sandbox');
  writeFileSync(
    player,
    '#!/bin/sh\nshift 2\nfor last; do :; done\nprintf "none\\n%s|%s|my-run\\ta trial: the first\\n" "$#" "$last"\n',
  );
  chmodSync(player, 0o755);
  for (const [shell, script] of Object.entries(SCRIPTS)) writeFileSync(join(folder, `complete.${shell}`), script);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What each shell does when TAB is pressed after `dj-sandbox logs my`. */
const ASK: Record<Shell, string> = {
  bash: 'source complete.bash; COMP_WORDS=(dj-sandbox logs my); COMP_CWORD=2; _dj_sandbox; declare -p COMPREPLY',
  zsh: 'compdef() { :; }; _describe() { print -l -- $described; }; _files() { :; }; source ./complete.zsh; words=(dj-sandbox logs my); CURRENT=3; _dj_sandbox',
  fish: 'source complete.fish; complete -C "dj-sandbox logs my"',
};

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  test(`${shell} asks with the words so far and takes the answer`, async context => {
    const there = await execa(shell, ['--version'], { reject: false });
    if (there.failed) return context.skip(`${shell} is not installed here`);
    const env = { PATH: `${folder}:${process.env.PATH}`, HOME: folder };
    const { stdout, stderr } = await execa(shell, ['-c', ASK[shell]], { cwd: folder, env });
    expect(stderr).toBe('');
    expect(stdout).toContain('2|my|my-run');
  });
}
