import { randomBytes } from 'node:crypto';
import { execa } from 'execa';

/** A real terminal of a size of its own. */
export interface Terminal {
  /** What it shows, and what scrolled out of it. `escapes`: with the sequences that colour it. */
  shown: (options?: { escapes?: boolean }) => Promise<string>;
  press: (key: string) => Promise<void>;
  close: () => Promise<void>;
}

/** Why there is no tmux to test with; null where there is one. */
export async function noTmux(): Promise<string | null> {
  const { failed } = await execa('tmux', ['-V'], { reject: false });
  return failed ? 'tmux is not installed here' : null;
}

/** Runs a command line of the shell in a terminal, which stays when it has ended and then shows `[exit <code>]`. */
export async function openTerminal(
  command: string,
  { columns, rows = 30, cwd, env = {} }: { columns: number; rows?: number; cwd: string; env?: Record<string, string> },
): Promise<Terminal> {
  const socket = `dj-${randomBytes(6).toString('hex')}`;
  const tmux = async (...args: string[]) =>
    (await execa('tmux', ['-u', '-L', socket, '-f', '/dev/null', ...args], { cwd, env })).stdout;
  const size = ['-x', String(columns), '-y', String(rows)];
  await tmux('new-session', '-d', ...size, '-s', 't', `sh -c '${command}; echo "[exit $?]"; exec sleep 600'`);
  return {
    shown: ({ escapes = false } = {}) =>
      tmux('capture-pane', '-p', ...(escapes ? ['-e'] : []), '-t', 't', '-S', '-500'),
    press: async key => void (await tmux('send-keys', '-t', 't', key)),
    close: async () => void (await tmux('kill-server')),
  };
}
