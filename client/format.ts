// Numbers and times as people read them in a terminal.
export { age, duration, figure } from '../plan/figures.ts';

/** `3.2 steps/s`, or `41 s/step` where one takes longer than a second. */
export function speed(perSecond: number, unit: string): string {
  return perSecond >= 1 || perSecond <= 0
    ? `${figure2(perSecond)} ${plural(unit)}/s`
    : `${figure2(1 / perSecond)} s/${unit}`;
}

function plural(unit: string): string {
  return /(ch|s|x)$/.test(unit) ? `${unit}es` : `${unit}s`;
}

function figure2(value: number): string {
  return String(Number(value.toPrecision(2)));
}

/** A bar of `width` columns for `done` of `total`. */
export function bar(done: number, total: number, width: number): string {
  const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
  const full = Math.floor(share * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}

/** Bytes as `812 B`, `3.4 KiB`, `1.2 GiB`. */
export function size(bytes: number): string {
  let value = bytes;
  for (const unit of ['B', 'KiB', 'MiB', 'GiB']) {
    if (value < 999.5) return `${unit === 'B' || value >= 99.5 ? Math.round(value) : figure2(value)} ${unit}`;
    value /= 1024;
  }
  return `${value >= 99.5 ? Math.round(value) : figure2(value)} TiB`;
}
