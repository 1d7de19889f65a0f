import type { StudyTable } from '../../plan/protocol.ts';
import type { ReportHead, ServerSays } from '../../report/model/report.ts';
import type { Server } from '../connect.ts';

/** What a server tells of a run: its state, and of a study its table. */
export interface Told {
  said: ServerSays | null;
  table: StudyTable | null;
}

interface Look extends Told {
  /** Where the run works; null where nobody tells. */
  workDir: string | null;
}

const NOTHING: Told = { said: null, table: null };

/** What a server says of a run whose files are in `workDir`; nothing where none answers, or it knows none such. */
export async function serverSays(kind: ReportHead['kind'], id: string, workDir: string): Promise<Told> {
  // The client of the server takes longer to load than all of the rest.
  const { withServer } = await import('../connect.ts');
  try {
    const { workDir: other, said, table } = await withServer(server => LOOKS[kind](server, id));
    // An id may be used again, in another work_dir.
    return other !== null && other !== workDir ? NOTHING : { said, table };
  } catch {
    return NOTHING;
  }
}

const LOOKS: Record<ReportHead['kind'], (server: Server, id: string) => Promise<Look>> = {
  trial: async (server, id) => {
    const { observe } = await import('../observe.ts');
    const { stateOf } = await import('../snapshot.ts');
    const seen = await observe(server, id);
    const { startedAt, closedAt, failure, progress } = seen;
    const said = { state: stateOf(seen), message: failure?.message ?? null, startedAt, closedAt };
    return { said, table: null, workDir: progress?.workDir ?? null };
  },
  sweep: async (server, id) => {
    const { observeSweep } = await import('../sweep/observe-sweep.ts');
    const { sweepStateOf } = await import('../sweep/sweep-snapshot.ts');
    const seen = await observeSweep(server, id);
    const { startedAt, closedAt, failure, result, board } = seen;
    const message = failure ?? result?.reason ?? board?.message ?? null;
    return {
      said: { state: sweepStateOf(seen), message, startedAt, closedAt },
      table: null,
      workDir: board?.workDir ?? null,
    };
  },
  study: async (server, id) => {
    const { observeStudy, studyStateOf } = await import('../study/observe-study.ts');
    const seen = await observeStudy(server, id);
    const { startedAt, closedAt, failure, result, table } = seen;
    const message = failure ?? result?.reason ?? table?.message ?? null;
    return {
      said: { state: studyStateOf(seen), message, startedAt, closedAt },
      table,
      workDir: table?.workDir ?? null,
    };
  },
};
