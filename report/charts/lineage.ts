import type { Html } from '../html.ts';
import type { Chart } from '../section.ts';

export interface LineageNode {
  id: string;
  name: string;
  tip: string[];
  /** Of the palette, 1…8: jobs of one stage are alike. */
  colour: number;
}

/** Neighbours of a full layer stand so much of a layer's height apart, so that their names have room. */
const STAGGER = 0.4;

/** What was made of what, from top to bottom. `links` go from what was made first to what was made of it. */
export function lineageChart(
  nodes: readonly LineageNode[],
  links: readonly (readonly [string, string])[],
  table: Html,
): Chart {
  const layers = layersOf(nodes, links);
  const depth = new Map(layers.flatMap((layer, y) => layer.map(({ id }) => [id, y] as const)));
  const placed = layers.flatMap((layer, y) =>
    layer.map((node, i) => ({
      node,
      alone: layer.length === 1,
      x: (i + 0.5) / layer.length,
      y: y + (layer.length > 3 ? (i % 2) * STAGGER : 0),
    })),
  );
  return {
    id: 'lineage',
    title: 'What was made of what',
    height: Math.max(160, layers.length * 66 + 60),
    label: `Graph of ${nodes.length} jobs and data in ${layers.length} layers; ${links.length} times one was made of another. The table tells which.`,
    option: {
      grid: { left: 8, right: 8, top: 12, bottom: 52 },
      tooltip: { trigger: 'item', formatter: '@tipTooltip' },
      xAxis: { type: 'value', show: false, min: 0, max: 1 },
      yAxis: { type: 'value', show: false, inverse: true, min: 0, max: Math.max(1, layers.length - 1) },
      series: [
        {
          type: 'graph',
          coordinateSystem: 'cartesian2d',
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
            lineHeight: 12,
            color: 'var(--ink)',
            backgroundColor: 'var(--paper)',
            padding: [1, 3],
            width: 96,
            overflow: 'breakAll',
          },
          data: placed.map(({ node, alone, x, y }) => ({
            id: node.id,
            name: node.name,
            value: [x, y],
            tip: node.tip,
            itemStyle: { color: `var(--c${node.colour})` },
            ...(alone && { label: { position: 'right', distance: 8, width: 150, overflow: 'truncate' } }),
          })),
          // What passes a layer goes around what stands there.
          links: links.map(([source, target]) => ({
            source,
            target,
            lineStyle: { curveness: depth.get(target)! - depth.get(source)! > 1 ? 0.22 : 0 },
          })),
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
