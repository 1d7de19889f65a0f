// `npm run bench -- <name>`: one bench, side by side with what it is compared with.
import { BENCHES } from './benches.ts';

const HELP = `npm run bench -- <name> [--json] [options of the bench]

${Object.entries(BENCHES)
  .map(([name, { what }]) => `  ${name.padEnd(20)} ${what}`)
  .join('\n')}

Each prints a table, medians and ratios; with --json the same as one line of JSON. What a bench compares with is installed by itself, on
first use, under .sandbox/bench/ (or $DJ_SANDBOX_HOME/bench). bench/README.md says what is measured, and what was found.`;

const [name = '--help', ...rest] = process.argv.slice(3);

if (['--help', '-h'].includes(name)) {
  console.log(HELP);
} else if (!Object.hasOwn(BENCHES, name)) {
  console.error(`there is no bench "${name}"\n\n${HELP}`);
  process.exitCode = 2;
} else {
  const { run } = await BENCHES[name]!.load();
  const args = rest.filter(word => word !== '--json');
  const { figures, text } = await run(args, line => console.error(line));
  console.log(args.length < rest.length ? JSON.stringify({ bench: name, ...figures }) : text);
}
