// Draws charts as they come into view, in the page's colours, as wide as there is room.
(() => {
  const { functions, options, onColours, reducedMotion } = window.report;
  const live = new Map();
  const wishes = new Map();
  const wishOf = id => wishes.get(id) ?? { log: false, smooth: 0 };

  /** An option with texts `var(--x)` and `@name` made what they stand for. */
  const resolved = (value, style) => {
    if (typeof value === 'string') {
      if (value.startsWith('var(--')) return style.getPropertyValue(value.slice(4, -1)).trim();
      return value.startsWith('@') && Object.hasOwn(functions, value.slice(1)) ? functions[value.slice(1)] : value;
    }
    if (Array.isArray(value)) {
      // Data are many and hold no such texts, but for objects with a style of their own.
      return typeof value[0] === 'number' ? value : value.map(each => resolved(each, style));
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolved(each, style)]));
  };

  const themeOf = style => {
    const css = name => style.getPropertyValue(name).trim();
    const axis = {
      axisLine: { lineStyle: { color: css('--line-strong') } },
      axisTick: { lineStyle: { color: css('--line-strong') } },
      axisLabel: { color: css('--muted'), fontSize: 12 },
      nameTextStyle: { color: css('--muted'), fontSize: 12 },
      splitLine: { lineStyle: { color: css('--line') } },
      minorSplitLine: { lineStyle: { color: css('--line') } },
    };
    const bare = { ...axis, splitLine: { show: false } };
    return {
      color: [1, 2, 3, 4, 5, 6, 7, 8].map(n => css(`--c${n}`)),
      backgroundColor: 'transparent',
      textStyle: { fontFamily: css('--sans'), color: css('--ink') },
      legend: {
        textStyle: { color: css('--ink'), fontSize: 12 },
        inactiveColor: css('--line-strong'),
        pageTextStyle: { color: css('--muted') },
        pageIconColor: css('--accent'),
        pageIconInactiveColor: css('--line-strong'),
      },
      tooltip: {
        backgroundColor: css('--panel'),
        borderColor: css('--line-strong'),
        textStyle: { color: css('--ink'), fontSize: 12 },
        confine: true,
      },
      radar: {
        axisName: { color: css('--muted') },
        axisLine: { lineStyle: { color: css('--line') } },
        splitLine: { lineStyle: { color: css('--line') } },
        splitArea: { show: false },
      },
      parallel: { ...bare },
      valueAxis: axis,
      logAxis: axis,
      timeAxis: bare,
      categoryAxis: bare,
    };
  };

  /** Exponential running mean, corrected for its start; gaps (null) stay gaps. */
  const smoothed = (points, weight) => {
    let mean = 0;
    let share = 0;
    return points.map(point => {
      const [x, y] = Array.isArray(point) ? point : point.value;
      if (typeof y !== 'number') return [x, null];
      mean = weight * mean + (1 - weight) * y;
      share = weight * share + (1 - weight);
      return [x, mean / share];
    });
  };

  /** The option as the reader wants it. The points stay: a running mean is drawn over them. */
  const wished = (id, option) => {
    const { log, smooth } = wishOf(id);
    const changed = { ...option };
    if (log) {
      const axes = Array.isArray(option.yAxis) ? option.yAxis : [option.yAxis];
      changed.yAxis = axes.map(axis => ({ ...axis, type: 'log', min: undefined, max: undefined }));
      changed.series = option.series.map(series => ({
        ...series,
        data: series.data?.map(point => (Array.isArray(point) && point[1] <= 0 ? [point[0], null] : point)),
      }));
    }
    if (smooth > 0) {
      const lines = changed.series.filter(series => series.type === 'line');
      const faint = lines.map(series => ({
        ...series,
        lineStyle: { ...series.lineStyle, opacity: 0.22 },
        symbol: 'none',
      }));
      const over = lines.map(series => ({
        ...series,
        id: series.id && `${series.id} smoothed`,
        data: smoothed(series.data, smooth),
        symbol: 'none',
        silent: true,
        z: 5,
      }));
      changed.series = [...changed.series.filter(series => series.type !== 'line'), ...faint, ...over];
    }
    return changed;
  };

  const draw = box => {
    const id = box.dataset.chart;
    const style = getComputedStyle(document.documentElement);
    live.get(id)?.dispose();
    const chart = echarts.init(box, themeOf(style), { renderer: 'canvas' });
    const option = wished(id, resolved(options[id], style));
    chart.setOption({ animation: !reducedMotion(), animationDuration: 300, aria: { enabled: false }, ...option });
    live.set(id, chart);
    box.dispatchEvent(new CustomEvent('drawn', { bubbles: true, detail: { id, chart } }));
  };

  const boxes = [...document.querySelectorAll('[data-chart]')];
  const boxOf = id => boxes.find(box => box.dataset.chart === id);
  const redraw = id => live.has(id) && draw(boxOf(id));
  const sizes = new ResizeObserver(entries => {
    for (const { target } of entries) live.get(target.dataset.chart)?.resize();
  });
  const seen = new IntersectionObserver(
    entries => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting || live.has(target.dataset.chart)) continue;
        draw(target);
        sizes.observe(target);
      }
    },
    { rootMargin: '300px' },
  );
  for (const box of boxes) seen.observe(box);
  // A picture that is to be printed must be there.
  addEventListener('beforeprint', () => {
    for (const box of boxes) if (!live.has(box.dataset.chart)) draw(box);
  });
  onColours(() => {
    for (const id of live.keys()) draw(boxOf(id));
  });

  for (const input of document.querySelectorAll('[data-control]'))
    input.addEventListener('input', () => {
      const { control, of: id } = input.dataset;
      const value = control === 'log' ? input.checked : Number(input.value);
      wishes.set(id, { ...wishOf(id), [control]: value });
      const output = input.parentElement.querySelector('output');
      if (output) output.textContent = input.value;
      redraw(id);
    });

  /** Puts another option in place of a chart's own, for scripts of a section. */
  const replace = (id, option) => {
    options[id] = option;
    redraw(id);
  };
  const chartOf = id => live.get(id) ?? null;
  window.report = { ...window.report, chartOf, replaceChart: replace };
})();
