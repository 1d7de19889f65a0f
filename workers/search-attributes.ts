import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';

const TYPES = proto.temporal.api.enums.v1.IndexedValueType;
const [KEYWORD, INT, DOUBLE] = [
  { word: 'Keyword', type: TYPES.INDEXED_VALUE_TYPE_KEYWORD },
  { word: 'Int', type: TYPES.INDEXED_VALUE_TYPE_INT },
  { word: 'Double', type: TYPES.INDEXED_VALUE_TYPE_DOUBLE },
] as const;

/** What trials set on themselves; without one of these every workflow task of a trial would fail, and be retried, for ever. */
export const NEEDED_ATTRIBUTES = {
  SandboxProject: KEYWORD,
  SandboxExperiment: KEYWORD,
  SandboxStage: KEYWORD,
  SandboxJob: KEYWORD,
  SandboxState: KEYWORD,
  SandboxTrial: INT,
  SandboxStep: INT,
  SandboxObjective: DOUBLE,
};

/**
 * Makes the search attributes that a namespace lacks.
 * @throws Error with the commands to run where this client may not make them.
 */
export async function ensureSearchAttributes({ connection, options: { namespace } }: Client): Promise<void> {
  const lacking = async () => {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return Object.entries(NEEDED_ATTRIBUTES).filter(([name]) => customAttributes?.[name] === undefined);
  };
  const missing = await lacking();
  if (missing.length === 0) return;
  try {
    const searchAttributes = Object.fromEntries(missing.map(([name, { type }]) => [name, type]));
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    // Another control worker, started at the same time, may have made them.
    if ((await lacking().catch(() => missing)).length === 0) return;
    const names = missing.map(([name, { word }]) => `--name ${name} --type ${word}`).join(' ');
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `namespace ${namespace} lacks search attributes that trials need (${why}); make them with: temporal operator search-attribute create --namespace ${namespace} ${names}`,
    );
  }
}
