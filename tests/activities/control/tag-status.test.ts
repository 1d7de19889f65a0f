import { expect, it } from 'vitest';
import { judge } from '../../../activities/control/tag-status.ts';

const now = 1_000_000_000;
const ago = (...seconds: number[]) => seconds.map(each => now - each * 1000);

it.each([
  ['that polls, where the server keeps no list of workers', null, [50], true],
  ['whose last poll is too old to be a live one', null, [80], false],
  ['that has said that it stops, with a poll that is still listed', [], [20], false],
  ['that is full for five minutes and does not poll', [8], [300], true],
  ['that is full and whose polls the server has forgotten', [8], [], true],
  ['that was killed, with a poll that is still listed', [35], [40], false],
  ['that has just taken the place of a killed one', [35], [2], true],
  ['that never was', [], [], false],
])('a tag with a worker %s', (_, heartbeats, polls, served) => {
  expect(judge('gpu', { heartbeats: heartbeats && ago(...heartbeats), polls: ago(...polls) }, now).served).toBe(served);
});

it('a missing worker is told with its tag, when one was last seen, and what to start', () => {
  expect(judge('gpu-h100', { heartbeats: ago(90), polls: ago(40) }, now).message).toBe(
    'no worker serves tag gpu-h100 (the last one was seen 40 s ago): start one with `dj-sandbox worker --tags gpu-h100`',
  );
  expect(judge('gpu', { heartbeats: [], polls: [] }, now).message).toContain('none was seen lately');
});
