// What every page does: its data, and its colours.
(() => {
  const { data, charts } = JSON.parse(document.getElementById('report-data').textContent);
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const listeners = [];
  const STORED = 'dj-sandbox-colours';

  /** A page in a file may have no storage. */
  const stored = () => {
    try {
      return localStorage.getItem(STORED);
    } catch {
      return null;
    }
  };
  const store = choice => {
    try {
      localStorage.setItem(STORED, choice);
    } catch {}
  };

  const choose = choice => {
    if (choice === 'auto') root.removeAttribute('data-theme');
    else root.setAttribute('data-theme', choice);
    for (const button of document.querySelectorAll('[data-theme-choice]'))
      button.setAttribute('aria-pressed', String(button.dataset.themeChoice === choice));
    for (const tell of listeners) tell();
  };

  for (const button of document.querySelectorAll('[data-theme-choice]'))
    button.addEventListener('click', () => {
      store(button.dataset.themeChoice);
      choose(button.dataset.themeChoice);
    });
  dark.addEventListener('change', () => {
    for (const tell of listeners) tell();
  });
  const before = stored();
  if (before === 'light' || before === 'dark') choose(before);

  // What is asked for by the address is to be seen also where it is folded away.
  const open = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let at = target; at; at = at.parentElement) if (at instanceof HTMLDetailsElement) at.open = true;
  };
  addEventListener('hashchange', open);
  open();

  // Where the reader is, in the list of contents.
  const links = new Map([...document.querySelectorAll('.contents a')].map(link => [link.hash.slice(1), link]));
  const here = new IntersectionObserver(
    entries => {
      for (const { isIntersecting, target } of entries)
        if (isIntersecting) links.get(target.id)?.setAttribute('aria-current', 'true');
        else links.get(target.id)?.removeAttribute('aria-current');
    },
    { rootMargin: '-25% 0px -74% 0px' },
  );
  for (const section of document.querySelectorAll('main > section')) here.observe(section);

  const reducedMotion = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
  const onColours = tell => listeners.push(tell);
  window.report = { ...window.report, data, options: charts, onColours, reducedMotion };
})();
