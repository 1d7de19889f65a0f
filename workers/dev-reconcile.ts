import type { Connection } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import proto from '@temporalio/proto';
import type { AttributeType, DevConfig } from './dev-config.ts';
import { DevServerError } from './dev-errors.ts';

const { IndexedValueType } = proto.temporal.api.enums.v1;

const TYPES: Record<AttributeType, temporal.api.enums.v1.IndexedValueType> = {
  Text: IndexedValueType.INDEXED_VALUE_TYPE_TEXT,
  Keyword: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  Int: IndexedValueType.INDEXED_VALUE_TYPE_INT,
  Double: IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE,
  Bool: IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
  Datetime: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
  KeywordList: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
};

/**
 * Brings a namespace that exists already to the configuration: the server heeds its flags only for a new database.
 * @throws DevServerError when a search attribute exists with another type.
 */
export async function reconcile(connection: Connection, config: DevConfig): Promise<void> {
  await reconcileAttributes(connection, config);
  await reconcileRetention(connection, config);
}

async function reconcileAttributes({ operatorService }: Connection, { namespace, search_attributes }: DevConfig) {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing: Record<string, temporal.api.enums.v1.IndexedValueType> = {};
  for (const [name, type] of Object.entries(search_attributes)) {
    const there = customAttributes[name];
    if (there === undefined) missing[name] = TYPES[type];
    else if (there !== TYPES[type]) throw new DevServerError(otherType(name, there, type));
  }
  if (Object.keys(missing).length > 0)
    await operatorService.addSearchAttributes({ namespace, searchAttributes: missing });
}

function otherType(name: string, there: number, wanted: AttributeType): string {
  const type = Object.entries(TYPES).find(([, value]) => value === there)?.[0] ?? `type ${there}`;
  return (
    `search attribute ${name} is ${type} in the database and ${wanted} in temporal-dev.yaml; ` +
    `give it another name, or start with another database.file`
  );
}

async function reconcileRetention({ workflowService }: Connection, { namespace, retention }: DevConfig) {
  const { config } = await workflowService.describeNamespace({ namespace });
  if (Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) === retention) return;
  const workflowExecutionRetentionTtl = proto.google.protobuf.Duration.fromObject({ seconds: retention });
  await workflowService.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl } });
}
