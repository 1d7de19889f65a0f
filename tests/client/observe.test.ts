import { defaultPayloadConverter } from '@temporalio/common';
import { expect, it } from 'vitest';
import { progressOf } from '../../client/observe.ts';

const told = (details: unknown) => progressOf(defaultPayloadConverter.toPayload(details)!);

it('heartbeat details of an older version, of a claim or of nobody we know are no progress, and none of them breaks the view', () => {
  expect(told({ job: 'p.1-train', step: 3 })).toMatchObject({ step: 3 });
  for (const details of [{ step: 3 }, { homes: ['host-a'] }, { job: 7 }, 'train', 3, null, [1]])
    expect(told(details)).toBeNull();
  expect(progressOf({ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{"job') })).toBeNull();
  expect(progressOf({ metadata: { encoding: Buffer.from('of the future') }, data: Buffer.from('x') })).toBeNull();
  expect(progressOf({})).toBeNull();
});
