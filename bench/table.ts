/** Rows under a head, columns as wide as their widest cell; the first column to the left, the others, numbers, to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const all = [head, ...rows].map(row => row.map(String));
  const widths = head.map((_, i) => Math.max(...all.map(row => row[i]?.length ?? 0)));
  const lines = all.map(row => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))));
  return lines.map(line => line.join('  ').trimEnd()).join('\n');
}
