// The server is killed under a training and stays away for a minute; the report as JSON on standard output: outage.ts [SECONDS]
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DevServerFiles } from '../../workers/dev-server-record.ts';
import { inspect } from './inspect.ts';
import { playedOf } from './ledger.ts';
import { findVictims, send } from './processes.ts';
import { ProgressWatch } from './progress-watch.ts';
import { inSandbox, type Outcome, until } from './scenario.ts';
import type { TrialShape } from './trials.ts';

export interface OutageReport extends Outcome {
  stepsLost: number;
  /** Steps that were done while there was no server, and how many there was time for. */
  stepsMeanwhile: number;
  stepsPossible: number;
  /** From the server's return until progress was seen again. */
  secondsToProgress: number | null;
}

const ID = 'outage';
const STEP_SECONDS = 0.1;
const BEFORE = 30;

const awaySeconds = Number(process.argv[3] ?? 60);
const shape: TrialShape = {
  seed: 1,
  steps: BEFORE + Math.round((awaySeconds + 15) / STEP_SECONDS),
  checkpointEvery: 100,
};
const report = {
  stepsLost: 0,
  stepsMeanwhile: 0,
  stepsPossible: awaySeconds / STEP_SECONDS,
  secondsToProgress: null as number | null,
};

const outcome = await inSandbox({ env: { PLAY_STEP_SECONDS: String(STEP_SECONDS) } }, [ID], async chaos => {
  const watch = new ProgressWatch(await chaos.startTrial(ID, shape));
  const dir = await until('the plan', () => chaos.jobDir(ID, 'train'));
  const key = /\/jobs\/([0-9a-f]+)/.exec(dir)![1]!;
  const steps = async () => (await playedOf(chaos.ledger, key)).flatMap(one => one.steps).length;
  await until('the training', async () => (await steps()) >= BEFORE);
  // Who holds this lock keeps the sandbox from starting its server again.
  await new DevServerFiles(join(chaos.folder, 'dev.db')).alone(async () => {
    const before = await steps();
    for (const pid of await findVictims(chaos.folder, 'server', 0)) send(pid, 'SIGKILL');
    await sleep(awaySeconds * 1000);
    report.stepsMeanwhile = (await steps()) - before;
  });
  watch.mark(0);
  const result = await chaos.resultOf(ID);
  const left = await chaos.leftOvers();
  const findings = await inspect(chaos.ledger, [{ shape, result }]);
  report.stepsLost = findings.stepsLost;
  report.secondsToProgress = watch.seconds;
  if (findings.restarts > 0) left.push(`a program was started again, ${findings.restarts} times`);
  return [...left, ...findings.broken];
});
process.stdout.write(`${JSON.stringify({ ...report, ...outcome })}\n`);
process.exit(0);
