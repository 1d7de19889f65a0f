import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import proto from '@temporalio/proto';

const GRPC_NOT_FOUND = '5';
const { INDEXED_VALUE_TYPE_KEYWORD: KEYWORD } = proto.temporal.api.enums.v1.IndexedValueType;

/** Speaks gRPC: a Temporal server that says what search attributes it has, and then knows no namespace, as one that goes away meanwhile. */
export async function startHalfServer(
  searchAttributes: readonly string[],
): Promise<{ address: string; stop: () => void }> {
  const { ListSearchAttributesResponse } = proto.temporal.api.operatorservice.v1;
  const customAttributes = Object.fromEntries(searchAttributes.map(name => [name, KEYWORD]));
  const answers: Record<string, Uint8Array> = {
    GetSystemInfo: new Uint8Array(),
    ListSearchAttributes: ListSearchAttributesResponse.encode({ customAttributes }).finish(),
  };
  const server = createServer();
  server.on('stream', (stream, { ':path': path = '' }) => {
    const answer = answers[path.split('/').at(-1)!];
    const head = { ':status': 200, 'content-type': 'application/grpc' };
    if (!answer) return stream.respond({ ...head, 'grpc-status': GRPC_NOT_FOUND }, { endStream: true });
    stream.respond(head, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(answer.length, 1);
    stream.end(Buffer.concat([prefix, answer]));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => server.close(),
  };
}
