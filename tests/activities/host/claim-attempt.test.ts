import type { Info } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { attemptOf } from '../../../activities/host/claim-attempt.ts';

function attempt(more: Partial<Info> = {}) {
  const heard: unknown[] = [];
  const client = { activity: { heartbeat: async (_: Uint8Array, details: unknown) => void heard.push(details) } };
  const info = { taskToken: new Uint8Array(), scheduledTimestampMs: 0, currentAttemptScheduledTimestampMs: 0, ...more };
  return { heard, attempt: attemptOf(info as Info, 'my-trial', client as unknown as Client) };
}

describe('an attempt to claim', () => {
  it('has the turn of its trial: a key of its own, weight 1 and the middle priority, unless it was started with others', () => {
    expect(attempt().attempt.turn).toEqual({ priority: 3, key: 'my-trial', weight: 1 });
    expect(attempt({ priority: {} }).attempt.turn).toEqual({ priority: 3, key: 'my-trial', weight: 1 });
    const priority = { priorityKey: 1, fairnessKey: 'sweep', fairnessWeight: 0.5 };
    expect(attempt({ priority }).attempt.turn).toEqual({ priority: 1, key: 'sweep', weight: 0.5 });
  });

  it('tells the next one where devices gather', async () => {
    const { attempt: one, heard } = attempt({ heartbeatDetails: { homes: ['host-a'] } });
    expect(one.homes).toEqual(['host-a']);
    await one.confirm(['host-a', 'host-b']);
    expect(heard).toEqual([{ homes: ['host-a', 'host-b'] }]);
    expect(one.homes).toEqual(['host-a', 'host-b']);
  });

  it.each([
    [undefined],
    [null],
    ['x'],
    [3],
    [[1]],
    [{ job: 'p.1-train', step: 4 }],
    [{ homes: 'a' }],
    [{ homes: [1, null] }],
  ])('passes over heartbeat details of another version: %j', heartbeatDetails => {
    expect(attempt({ heartbeatDetails }).attempt.homes).toEqual([]);
  });

  it('has not waited less than no time where the server set its clock back', () => {
    const back = { scheduledTimestampMs: 86_400_000, currentAttemptScheduledTimestampMs: 5_000 };
    expect(attempt(back).attempt.waited).toBe(0);
  });
});
