import type { JsonObject } from '../plan/plan.ts';

/** What came of a bench: the figures as data and as a user reads them. */
export interface BenchReport {
  figures: JsonObject;
  text: string;
}

/**
 * One bench.
 * @param args what the command line says after the bench's name, without --json
 * @param say what it is doing now, for who waits
 */
export type RunBench = (args: string[], say: (line: string) => void) => Promise<BenchReport>;
