import { createHash } from 'node:crypto';

/** File systems allow 255 bytes, and something is added to some names. */
const MAX_BYTES = 120;

/**
 * A file name for a name that anyone may have chosen (a workflow id, a pipeline, a part): the name itself where it is one, else a
 * readable part of it with a hash, so that it neither leaves its folder nor meets another's.
 */
export function safeName(name: string): string {
  let plain = name
    .replace(/[^\p{L}\p{M}\p{N}_.-]/gu, '_')
    .replace(/^\.+/, '_')
    .slice(0, 500);
  while (Buffer.byteLength(plain) > MAX_BYTES) plain = [...plain].slice(0, -8).join('');
  if (plain === name && name !== '') return name;
  return `${plain}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}
