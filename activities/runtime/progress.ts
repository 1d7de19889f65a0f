/** Heartbeat details of a running job, as the CLI, the Web UI and the workflow's details show them. */
export interface Progress {
  /** Job id. */
  job: string;
  /** What it does now, in a few words: `analysing`, `training`, `publishing`. */
  phase?: string;
  step?: number;
  total?: number;
  /** What a step is: `step`, `sample`, `video`. */
  unit?: string;
  loss?: number;
  lr?: number;
  /** Steps a second. */
  speed?: number;
  /** Seconds until the end, estimated. */
  eta?: number;
  /** How often its program was started. */
  segment?: number;
  /** Name of the last complete checkpoint. */
  checkpoint?: string;
  /** Bytes of the log that were read. */
  logOffset?: number;
}
