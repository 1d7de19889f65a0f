import { formatDiagnostic } from '../../plan/diagnostic.ts';
import type { SteeringArgs } from '../../plan/protocol.ts';
import { checkSteered } from '../../plan/sweep/check-steered.ts';
import type { Space } from '../../plan/sweep/types.ts';
import { catalogue } from '../catalogue.ts';
import { registry } from '../components.ts';
import { files } from '../runtime/files.ts';
import { checkSize, configError } from './config-error.ts';
import { sweepRequest } from './open-sweep.ts';

/**
 * Checks another space (`parameters` of a sweep file), and points of the user's own against that, the sweep's or else its file's. Answers with the
 * space; what is wrong is in the failure, every problem at once.
 */
export async function checkSteering({ input, ...steered }: SteeringArgs): Promise<{ space: Space }> {
  const { space, problems } = checkSteered(sweepRequest(input), steered, { registry, files, catalogue: catalogue() });
  if (problems.errors.length > 0) throw configError(problems.errors.map(formatDiagnostic));
  checkSize(space);
  return { space };
}
