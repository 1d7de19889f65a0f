import { execa } from 'execa';

const ASK_MS = 20_000;

/**
 * UUIDs of the GPUs that a worker may lease: `auto` is all that nvidia-smi lists and CUDA_VISIBLE_DEVICES allows; a list has indices or
 * UUIDs. Empty without a GPU. Throws an Error for a device that is not there.
 */
export async function offeredDevices(setting: 'auto' | 'none' | readonly string[]): Promise<string[]> {
  if (setting === 'none') return [];
  const present = await gpuUuids();
  const visible = process.env.CUDA_VISIBLE_DEVICES;
  if (setting === 'auto') return visible === undefined ? present : named(visible.split(',').filter(Boolean), present);
  return named(setting, present);
}

/** GPUs by index or (the start of) their UUID as UUIDs, so that one GPU has one name. */
function named(wanted: readonly string[], present: readonly string[]): string[] {
  const found = wanted.map(text => {
    const name = text.trim();
    const index = /^\d+$/.test(name) ? [present[Number(name)] ?? []].flat() : null;
    const meant = index ?? present.filter(uuid => uuid.startsWith(name));
    if (meant.length === 1) return meant[0]!;
    const there =
      present.length === 0
        ? 'nvidia-smi lists none'
        : `nvidia-smi lists ${present.map((uuid, i) => `${i} (${uuid})`).join(', ')}`;
    const wrong = meant.length > 1 ? 'several GPUs are called' : 'there is no GPU';
    throw new Error(`${wrong} ${JSON.stringify(name)} on this host: ${there}`);
  });
  return [...new Set(found)];
}

async function gpuUuids(): Promise<string[]> {
  const asked = await execa('nvidia-smi', ['--query-gpu=uuid', '--format=csv,noheader'], {
    reject: false,
    timeout: ASK_MS,
  });
  if (asked.failed || typeof asked.stdout !== 'string') return [];
  return asked.stdout
    .split('\n')
    .map(line => line.trim())
    .filter(line => line.startsWith('GPU-'));
}
