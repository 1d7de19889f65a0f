import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';

const { INDEXED_VALUE_TYPE_KEYWORD: KEYWORD } = proto.temporal.api.enums.v1.IndexedValueType;

/** What trials set on themselves; without one of these every workflow task of a trial would fail, and be retried, for ever. */
const NEEDED = ['SandboxProject', 'SandboxExperiment', 'SandboxStage', 'SandboxJob', 'SandboxState'];

/**
 * Makes the search attributes that a namespace lacks.
 * @throws Error with the commands to run where this client may not make them.
 */
export async function ensureSearchAttributes({ connection, options: { namespace } }: Client): Promise<void> {
  const lacking = async () => {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return NEEDED.filter(name => customAttributes?.[name] === undefined);
  };
  const missing = await lacking();
  if (missing.length === 0) return;
  try {
    const searchAttributes = Object.fromEntries(missing.map(name => [name, KEYWORD]));
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    // Another control worker, started at the same time, may have made them.
    if ((await lacking().catch(() => missing)).length === 0) return;
    const names = missing.map(name => `--name ${name} --type Keyword`).join(' ');
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `namespace ${namespace} lacks search attributes that trials need (${why}); make them with: temporal operator search-attribute create --namespace ${namespace} ${names}`,
    );
  }
}
