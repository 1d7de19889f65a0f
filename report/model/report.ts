// What every report is made of, whatever it is of.
import type { StudyTable } from '../../plan/protocol.ts';
import type { Html } from '../html.ts';
import type { Chart } from '../section.ts';
import type { Clip, ClipWish, VideoWall } from './trial.ts';

/** What a report is asked for. */
export interface CollectOptions {
  /** Of a trial, sweep or study. */
  id: string;
  /** Absolute. */
  workDir: string;
  /** Milliseconds since the epoch: when the report is made. */
  now: number;
  /** What only the server knows; null or absent where none was asked. */
  said?: ServerSays | null;
  /** Of a pool study that runs: its table, which is on disk only once it has ended. */
  table?: StudyTable | null;
  /** Told of what takes long, in a few words. */
  onProgress?: (doing: string) => void;
  signal?: AbortSignal;
  /** Looks at the clips that the page shows; absent: they are shown as they are, without pictures. Null is answered where nothing can. */
  seeClips?: (wishes: readonly ClipWish[]) => Promise<Record<string, Clip> | null>;
}

/** What a server says of a run. */
export interface ServerSays {
  /** `done`, `failed`, `stopped`, `running` or what the run calls itself. */
  state: string;
  /** Why it ended so; null where there is nothing to say. */
  message: string | null;
  /** Milliseconds since the epoch. */
  startedAt: number | null;
  closedAt: number | null;
}

/** What all models have. */
export interface ReportHead {
  kind: 'trial' | 'sweep' | 'study';
  id: string;
  /** Absolute. Files in a model are relative to it. */
  workDir: string;
  /** Milliseconds since the epoch. */
  madeAt: number;
  said: ServerSays | null;
  /** What is missing or could not be read, in sentences. */
  lacking: string[];
  /** Videos that its page shows, and what clips were seen to be, by path. */
  videos?: VideoWall;
  clips?: Record<string, Clip>;
}

/** How a page gets at files that it shows: the address of a file of the work_dir, null where the page is to do without. */
export interface RenderOptions {
  urlOf: (file: string) => string | null;
  /** The address of another run's page, null where there is none. */
  pageOf?: (id: string) => string | null;
  /** Asks its server for more; absent: it is a file. */
  live?: boolean;
  /** Above everything: a server's navigation. */
  banner?: Banner | null;
  /** Files of report/browser/ beside those of the report. */
  scripts?: readonly string[];
}

/** What a server puts above its pages; where it has charts `chartHtml` puts their places. */
export interface Banner {
  html: Html;
  charts: readonly Chart[];
}
