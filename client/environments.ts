import type { EnvironmentChoice } from '../activities/runtime/environments/environment.ts';
import {
  allMade,
  environmentsHome,
  type MadeEnvironment,
  madeEnvironment,
} from '../activities/runtime/environments/make.ts';
import { wantedEnvironment } from '../activities/runtime/environments/wanted.ts';
import { environmentToMake } from '../plan/environment.ts';
import { jobsOf, type Plan } from '../plan/plan.ts';
import { compileConfig, countErrors, reportDiagnostics } from './compile-config.ts';
import { type ConfigOptions, toCompile } from './config-options.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { printJson } from './output.ts';

/** Makes what the jobs of a config describe and is not there yet; returns the exit code. */
export async function createEnvironments(options: ConfigOptions & { json?: boolean }): Promise<number> {
  const request = await toCompile(options);
  const compiled = compileConfig({ ...request, absent: 'warning' });
  if (!compiled.ok) {
    reportDiagnostics([...compiled.errors, ...compiled.warnings]);
    process.stderr.write(`${countErrors(request.config, compiled.errors)}\n`);
    return EXIT.badInput;
  }
  const made: (MadeEnvironment & { job: string })[] = [];
  for (const { job, choice } of wantedBy(compiled.plan)) {
    const say = (text: string) => {
      if (!options.json) console.log(`${job}: ${text}`);
    };
    const environment = await make(job, choice, say);
    say(`${environment.folder}: ${inWords(environment)}`);
    made.push({ job, ...environment });
  }
  if (options.json) printJson(made);
  else if (made.length === 0) console.log('no job of this config says what its environment is made of (requirements)');
  return EXIT.done;
}

function wantedBy(plan: Plan): { job: string; choice: EnvironmentChoice }[] {
  return jobsOf(plan).flatMap(job => {
    const choice = environmentToMake(job);
    return choice === null ? [] : [{ job: job.id, choice: choice as EnvironmentChoice }];
  });
}

/** @throws CommandFailure with the last lines of the manager's log. */
async function make(job: string, choice: EnvironmentChoice, say: (text: string) => void): Promise<MadeEnvironment> {
  try {
    return await madeEnvironment(await wantedEnvironment(choice), {
      signal: new AbortController().signal,
      network: true,
      onMaking: () => say(`making ${choice.env_name ?? 'its environment'} by ${choice.env_manager ?? 'conda'} …`),
    });
  } catch (error) {
    const { message, logTail = [] } = error as Error & { logTail?: string[] };
    throw new CommandFailure([`${job}: ${message}`, ...logTail.map(line => `  ${line}`)].join('\n'), EXIT.failed, {
      cause: error,
    });
  }
}

/** Prints the environments of this host that are finished. */
export async function listEnvironments({ json = false }: { json?: boolean }): Promise<void> {
  const all = await allMade();
  if (json) return printJson(all);
  if (all.length === 0) console.log(`there are none in ${environmentsHome()}`);
  for (const environment of all) console.log(`${environment.folder}: ${inWords(environment)}`);
}

function inWords({ manager, managerVersion, python, packages }: MadeEnvironment): string {
  const count = Object.keys(packages).length;
  return `${manager} ${managerVersion}, Python ${python}, ${count === 1 ? '1 package' : `${count} packages`}`;
}
