import { registry } from '../activities/components.ts';
import { FILE_KINDS, fileJsonSchema } from '../plan/file-schemas/index.ts';
import { didYouMeanOf } from '../plan/suggest.ts';
import { CommandFailure } from './failure.ts';
import { printJson } from './output.ts';

/**
 * Prints the JSON Schema of a kind of file, with the components that are loaded.
 * @throws CommandFailure when there is no such kind.
 */
export function printSchema(kind: string): void {
  const known = FILE_KINDS.find(each => each === kind);
  if (!known) throw new CommandFailure(`there is no kind of file ${kind}; ${didYouMeanOf(kind, FILE_KINDS)}`);
  printJson(fileJsonSchema(known, registry));
}
