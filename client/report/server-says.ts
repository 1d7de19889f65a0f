import type { ServerSays } from '../../report/model/report.ts';

/** What a server says of a trial whose files are in `workDir`; null where none answers, or it knows none such. */
export async function serverSays(id: string, workDir: string): Promise<ServerSays | null> {
  // The client of the server takes longer to load than all of the rest.
  const { withServer } = await import('../connect.ts');
  const { observe } = await import('../observe.ts');
  const { stateOf } = await import('../snapshot.ts');
  try {
    const seen = await withServer(server => observe(server, id));
    const isOther = seen.progress?.workDir && seen.progress.workDir !== workDir;
    // An id may be used again, in another work_dir.
    if (isOther) return null;
    return {
      state: stateOf(seen),
      message: seen.failure?.message ?? null,
      startedAt: seen.startedAt,
      closedAt: seen.closedAt,
    };
  } catch {
    return null;
  }
}
