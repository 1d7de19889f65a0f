// Functions that charts name as `@name` in their options, as options are JSON.
(() => {
  const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  const escaped = text => String(text).replace(/[&<>"']/g, letter => escapes[letter]);

  /** Four significant digits, as plan/figures.ts writes them. */
  const figure = value => {
    if (typeof value !== 'number') return value === null || value === undefined ? '–' : String(value);
    if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
    const size = Math.abs(value);
    if (size >= 1e9 || size < 1e-4) return value.toExponential(2);
    if (size >= 1000) return value.toFixed(0);
    return String(Number(value.toPrecision(4)));
  };

  const two = number => String(number).padStart(2, '0');
  /** Seconds as `8.4s`, `1:02` or `3:04:05`. */
  const duration = seconds => {
    if (Math.abs(seconds) < 9.95) return `${Number(seconds.toFixed(1))}s`;
    const whole = Math.round(seconds);
    if (whole < 60) return `${whole}s`;
    const hours = Math.floor(whole / 3600);
    const minutes = Math.floor(whole / 60) % 60;
    return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
  };
  const percent = share => `${figure(Number((share * 100).toPrecision(3)))} %`;

  /** Axis labels that would run into each other are cut; all of the name is in the table. */
  const short = text => {
    const letters = [...String(text)];
    return letters.length > 24 ? `${letters.slice(0, 23).join('')}…` : letters.join('');
  };

  const lastOf = value => (Array.isArray(value) ? value[value.length - 1] : value);
  const line = (marker, name, value) => `<div>${marker ?? ''} ${escaped(short(name))} <b>${escaped(value)}</b></div>`;

  /** A tooltip of all series at one place of the x axis. */
  const axisTooltip = items => {
    const list = Array.isArray(items) ? items : [items];
    if (list.length === 0) return '';
    const seen = new Set();
    const own = list.filter(item => !seen.has(item.seriesName) && seen.add(item.seriesName)).slice(0, 16);
    const head = list[0].axisValueLabel ?? list[0].name ?? '';
    const more = seen.size > own.length ? `<div>and ${seen.size - own.length} more</div>` : '';
    return `<div>${escaped(head)}</div>${own.map(item => line(item.marker, item.seriesName, figure(lastOf(item.value)))).join('')}${more}`;
  };

  /** A tooltip of one item: what its datum says in `tip`, in lines. */
  const tipTooltip = item => {
    const tip = item.data?.tip ?? [item.name ?? '', figure(lastOf(item.value))];
    const [head, ...rest] = tip;
    return `<div><b>${escaped(head)}</b></div>${rest.map(text => `<div>${escaped(text)}</div>`).join('')}`;
  };

  /** Bars of a timeline: data are `[row, from, to]`, drawn from one to the other. */
  const timelineBar = (params, api) => {
    const row = api.value(0);
    const from = api.coord([api.value(1), row]);
    const to = api.coord([api.value(2), row]);
    const height = Math.min(18, api.size([0, 1])[1] * 0.62);
    const area = params.coordSys;
    const left = Math.max(from[0], area.x);
    const right = Math.min(Math.max(to[0], from[0] + 2), area.x + area.width);
    if (right <= left) return undefined;
    return {
      type: 'rect',
      shape: { x: left, y: from[1] - height / 2, width: right - left, height, r: 2 },
      style: api.style(),
    };
  };

  /** Of a bin's name `3 to 5` its start: names of all bins have no room. */
  const binStart = name => short(String(name).split(' to ')[0]);
  const words = name => short(String(name).replaceAll('_', ' '));
  const wordLines = name => String(name).replaceAll('_', '\n').slice(0, 60);
  const opName = name => {
    const text = String(name)
      .replace(/_(filter|mapper|deduplicator|selector)$/, '')
      .replaceAll('_', ' ');
    return short(text);
  };
  const droppedLabel = ({ value }) => (value > 0 ? `−${figure(value)}` : '');
  const valueLabel = ({ value }) => figure(value);
  const radarTooltip = ({ name, value, data }) =>
    `<div><b>${escaped(short(name))}</b></div>${data.axes.map((axis, i) => line('', axis, figure(value[i]))).join('')}`;

  const functions = {
    binStart,
    words,
    wordLines,
    opName,
    droppedLabel,
    valueLabel,
    radarTooltip,
    figure,
    duration,
    percent,
    short,
    axisTooltip,
    tipTooltip,
    timelineBar,
  };
  window.report = { ...window.report, functions, escaped };
})();
