import type { Html } from '../html.ts';
import type { Chart } from '../section.ts';

export interface LineageNode {
  id: string;
  name: string;
  tip: string[];
  /** Of the palette, 1…8: jobs of one stage are alike. */
  colour: number;
}

/** What was made of what, from top to bottom. `links` go from what was made first to what was made of it. */
export function lineageChart(
  nodes: readonly LineageNode[],
  links: readonly (readonly [string, string])[],
  table: Html,
): Chart {
  const layers = layersOf(nodes, links);
  const widest = Math.max(...layers.map(layer => layer.length));
  const placed = layers.flatMap((layer, y) =>
    layer.map((node, i) => ({ node, x: ((i + 0.5) / layer.length) * 1000, y: y * 100 })),
  );
  return {
    id: 'lineage',
    title: 'What was made of what',
    height: Math.max(160, layers.length * 58 + 40),
    label: `Graph of ${nodes.length} jobs and data in ${layers.length} layers; ${links.length} times one was made of another. The table tells which.`,
    option: {
      tooltip: { trigger: 'item', formatter: '@tipTooltip' },
      series: [
        {
          type: 'graph',
          layout: 'none',
          left: 60,
          right: 60,
          top: 16,
          bottom: 30,
          preserveAspect: false,
          symbol: 'circle',
          symbolSize: 11,
          edgeSymbol: ['none', 'arrow'],
          edgeSymbolSize: 6,
          cursor: 'default',
          lineStyle: { color: 'var(--line-strong)', width: 1.2, opacity: 1 },
          label: {
            show: true,
            position: 'bottom',
            distance: 4,
            fontSize: 11,
            color: 'var(--ink)',
            backgroundColor: 'var(--paper)',
            padding: [1, 3],
            width: widest > 4 ? 76 : 112,
            overflow: 'truncate',
          },
          data: placed.map(({ node, x, y }) => ({
            id: node.id,
            name: node.name,
            x,
            y,
            tip: node.tip,
            itemStyle: { color: `var(--c${node.colour})` },
          })),
          links: links.map(([source, target]) => ({ source, target })),
        },
      ],
    },
    table,
  };
}

type Link = readonly [string, string];

/** Each node as late as what is made of it allows, so that things of one kind come to stand side by side; within a layer below what they were made of. */
function layersOf(nodes: readonly LineageNode[], links: readonly Link[]): LineageNode[][] {
  const above = new Map(nodes.map(({ id }) => [id, 0]));
  // A graph without cycles settles in as many rounds as it has nodes.
  for (let round = 0, moved = true; moved && round < nodes.length; round++) {
    moved = false;
    for (const [source, target] of links) {
      const wanted = (above.get(target) ?? 0) + 1;
      if ((above.get(source) ?? 0) >= wanted) continue;
      above.set(source, wanted);
      moved = true;
    }
  }
  const heights = [...new Set(above.values())].sort((a, b) => b - a);
  const layers: LineageNode[][] = [];
  const place = new Map<string, number>();
  for (const height of heights) {
    const own = nodes.filter(({ id }) => above.get(id) === height);
    const wish = ({ id }: LineageNode) => {
      const parents = links.filter(([, target]) => target === id).flatMap(([source]) => place.get(source) ?? []);
      return parents.length === 0 ? 0.5 : parents.reduce((a, b) => a + b, 0) / parents.length;
    };
    const wishes = new Map(own.map(node => [node.id, wish(node)]));
    own.sort((a, b) => wishes.get(a.id)! - wishes.get(b.id)!);
    for (const [i, { id }] of own.entries()) place.set(id, (i + 0.5) / own.length);
    layers.push(own);
  }
  return layers;
}
