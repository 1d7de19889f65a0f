// The leaderboard: sorted by a head, filtered by a text, and trials picked to stand out in the charts.
(() => {
  const { options, replaceChart } = window.report;
  const board = document.querySelector('[data-board]');
  if (!board) return;
  const body = board.querySelector('tbody');
  const rows = [...body.rows];
  const heads = [...board.querySelectorAll('thead th')];
  const filter = board.querySelector('[data-board-filter]');
  const state = board.querySelector('[data-board-state]');
  const count = board.querySelector('[data-board-count]');
  const clear = board.querySelector('[data-board-clear]');
  board.querySelector('.board-tools').hidden = false;
  board.querySelector('[data-board-hint]').hidden = false;

  const keyOf = (row, at, kind) => {
    const { by } = row.cells[at].dataset;
    if (by === '') return null;
    return kind === 'number' ? Number(by) : by;
  };
  const compare = (a, b) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
  /** What has no value comes last, whichever way it is sorted. */
  const sort = (at, isUp) => {
    const { kind } = heads[at].dataset;
    const keyed = rows.map((row, place) => ({ row, place, key: keyOf(row, at, kind) }));
    keyed.sort((a, b) => {
      if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null) || a.place - b.place;
      return (isUp ? 1 : -1) * compare(a.key, b.key) || a.place - b.place;
    });
    body.append(...keyed.map(({ row }) => row));
    for (const head of heads) head.removeAttribute('aria-sort');
    heads[at].setAttribute('aria-sort', isUp ? 'ascending' : 'descending');
  };
  for (const [at, head] of heads.entries()) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sort';
    button.append(...head.childNodes);
    if (head.title) button.title = head.title;
    head.removeAttribute('title');
    head.append(button);
    button.addEventListener('click', () => sort(at, head.getAttribute('aria-sort') !== 'ascending'));
  }
  heads[0].setAttribute('aria-sort', 'ascending');

  const texts = new Map(rows.map(row => [row, row.textContent.toLowerCase()]));
  const narrow = () => {
    const words = filter.value
      .toLowerCase()
      .split(/\s+/)
      .filter(word => word !== '');
    let shown = 0;
    for (const row of rows) {
      const fits =
        words.every(word => texts.get(row).includes(word)) && (state.value === '' || row.dataset.state === state.value);
      row.hidden = !fits;
      shown += Number(fits);
    }
    count.textContent = shown === rows.length ? `${rows.length} trials` : `${shown} of ${rows.length} trials`;
  };
  filter.addEventListener('input', narrow);
  state.addEventListener('change', narrow);

  // A picked trial has a colour of its own for as long as it is picked.
  const COLORS = ['var(--c2)', 'var(--c4)', 'var(--c3)', 'var(--c5)', 'var(--c7)'];
  const picked = new Map();
  const before = structuredClone(options);
  const nameOf = trial => `trial ${trial}`;
  const colorsByName = () => new Map([...picked].map(([trial, color]) => [nameOf(trial), color]));

  /** A chart with what is picked in front: series and data that carry a trial's name. Null: none does. */
  const marked = (option, colors) => {
    let isOne = false;
    const series = option.series.map(each => {
      const isTrial = /^trial \d+$/.test(each.name ?? '') && each.type === 'line';
      if (isTrial) {
        isOne = true;
        const color = colors.get(each.name);
        if (color)
          return { ...each, z: 9, lineStyle: { ...each.lineStyle, width: 3, opacity: 1, color }, itemStyle: { color } };
        return { ...each, lineStyle: { ...each.lineStyle, opacity: 0.2 } };
      }
      if (!['parallel', 'scatter'].includes(each.type)) return each;
      const data = each.data.map(item => {
        if (!/^trial \d+$/.test(item.name ?? '')) return item;
        isOne = true;
        const color = colors.get(item.name);
        if (each.type === 'scatter')
          return color
            ? { ...item, symbolSize: 15, itemStyle: { color, opacity: 1 } }
            : { ...item, itemStyle: { opacity: 0.35 } };
        return color
          ? { ...item, lineStyle: { width: 5, opacity: 1, color } }
          : { ...item, lineStyle: { opacity: 0.12 } };
      });
      return { ...each, data };
    });
    return isOne ? { ...option, series } : null;
  };
  const show = () => {
    const colors = colorsByName();
    for (const [id, option] of Object.entries(before)) {
      const other = picked.size === 0 ? option : marked(option, colors);
      if (other) replaceChart(id, other);
    }
    clear.disabled = picked.size === 0;
  };

  for (const row of rows) {
    const place = row.querySelector('[data-pick]');
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'pick';
    button.setAttribute('aria-pressed', 'false');
    button.textContent = place.textContent;
    place.replaceWith(button);
    const mark = color => {
      button.setAttribute('aria-pressed', String(color !== null));
      button.style.setProperty('--picked', color ?? 'transparent');
      row.classList.toggle('picked', color !== null);
    };
    button.addEventListener('click', () => {
      const { trial } = row.dataset;
      if (picked.delete(trial)) mark(null);
      else {
        const free = COLORS.find(color => ![...picked.values()].includes(color)) ?? COLORS[0];
        picked.set(trial, free);
        mark(free);
      }
      show();
    });
    row.unpick = () => mark(null);
  }
  clear.addEventListener('click', () => {
    picked.clear();
    for (const row of rows) row.unpick();
    show();
  });
})();
