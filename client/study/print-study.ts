import { type Server, withServer } from '../connect.ts';
import { printJson } from '../output.ts';
import { isOpen } from '../snapshot.ts';
import { observeStudy } from './observe-study.ts';
import { assertStudy, studyTable } from './studies.ts';
import { studyJson, studyLines, studySummaryLines, studyTableLines, tableJson } from './study-view.ts';

const width = () => process.stdout.columns ?? 200;

/** Prints where a study stands. @throws CommandFailure when there is none of that id. */
export async function printStudyStatus(server: Server, id: string, { json = false }): Promise<void> {
  await assertStudy(server, id);
  const snapshot = await observeStudy(server, id);
  if (json) {
    printJson(studyJson(snapshot));
    return;
  }
  const size = { width: width() };
  for (const line of isOpen(snapshot.status) ? studyLines(snapshot, size) : studySummaryLines(snapshot, size))
    console.log(line);
}

/** Prints what a study found so far. @throws CommandFailure when there is none of that id, or nobody answers for it. */
export async function printStudyTable(id: string, { json = false }): Promise<void> {
  const table = await withServer(server => studyTable(server, id));
  if (json) {
    printJson(tableJson(table));
    return;
  }
  for (const line of studyTableLines(table, { width: width() })) console.log(line);
}
