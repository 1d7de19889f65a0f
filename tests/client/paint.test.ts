import { expect, test } from 'vitest';
import { paintFor } from '../../client/paint.ts';

test.each([
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '1', FORCE_COLOR: '3' }, true, false],
  [{ NO_COLOR: '', FORCE_COLOR: '1' }, false, true],
  [{}, false, false],
  [{ FORCE_COLOR: '' }, false, true],
  [{ FORCE_COLOR: 'true' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ FORCE_COLOR: 'false' }, true, false],
])('with %j, a terminal: %s, there are colours: %s', (env, isTTY, coloured) => {
  expect(paintFor({ isTTY }, env).red('x') !== 'x').toBe(coloured);
});
