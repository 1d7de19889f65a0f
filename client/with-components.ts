import type { Command } from 'commander';

/** Adds `--components` to a command that has to know which components there are; the user's own are loaded before it runs. */
export function withComponents(command: Command): Command {
  return command
    .option(
      '--components <names>',
      'your own components, files or packages, with commas; default: `components` of temporal-dev.yaml',
      append,
    )
    .hook('preAction', async (_, action) => {
      const { loadComponents } = await import('./load-components.ts');
      await loadComponents(action.opts<{ components?: string[] }>().components);
    });
}

function append(value: string, before: string[] = []): string[] {
  return [...before, ...value.split(',').map(name => name.trim())].filter(name => name !== '');
}
