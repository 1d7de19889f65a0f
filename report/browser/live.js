// Pages of a server: what changes on them is asked for again, and put in place without the rest being touched.
(() => {
  const { options, chartOf } = window.report;
  const LONGEST_PAUSE_MS = 30_000;

  const two = n => String(n).padStart(2, '0');
  /** As the server writes durations. */
  const lasted = seconds => {
    const whole = Math.max(0, Math.round(seconds));
    if (whole < 60) return `${whole}s`;
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
    return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
  };
  const count = () => {
    for (const time of document.querySelectorAll('time[data-since]'))
      time.textContent = lasted((Date.now() - Number(time.dataset.since)) / 1000);
  };

  /** The reader's own time of each moment, which stands in UTC. */
  const ownTimes = root => {
    for (const time of root.querySelectorAll('time[datetime]'))
      time.title = `${new Date(time.dateTime).toLocaleString()} here`;
  };

  /** Makes `from` what `to` is. What is the same stays: focus, selection, what is ticked, and what scripts have drawn. */
  const patch = (from, to) => {
    if (from.nodeType !== to.nodeType || from.nodeName !== to.nodeName || (from.id ?? '') !== (to.id ?? '')) {
      from.replaceWith(to);
      return;
    }
    if (from.nodeType !== Node.ELEMENT_NODE) {
      if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
      return;
    }
    const isKept = name => name === 'open' || (name === 'title' && from.nodeName === 'TIME');
    for (const { name } of [...from.attributes])
      if (!to.hasAttribute(name) && !isKept(name)) from.removeAttribute(name);
    for (const { name, value } of to.attributes) if (from.getAttribute(name) !== value) from.setAttribute(name, value);
    if (from.hasAttribute('data-chart') || from.hasAttribute('data-since')) return;
    patchChildren(from, to);
  };

  /** Children with an id are found again wherever they stand now. */
  const patchChildren = (from, to) => {
    const named = new Map([...from.children].filter(({ id }) => id).map(child => [child.id, child]));
    let at = from.firstChild;
    for (const next of [...to.childNodes]) {
      const same = next.id ? named.get(next.id) : undefined;
      if (same && same !== at) from.insertBefore(same, at);
      const here = same ?? at;
      const isOther = !here || (!same && here.id && !next.id);
      if (isOther || (next.id && !same)) {
        from.insertBefore(next, at);
        continue;
      }
      at = here.nextSibling;
      patch(here, next);
    }
    while (at) {
      const rest = at.nextSibling;
      at.remove();
      at = rest;
    }
  };

  const parsed = text => {
    const template = document.createElement('template');
    template.innerHTML = text;
    return template.content;
  };

  /** Curves go on in the charts that are there. */
  const drawOn = root => {
    for (const script of root.querySelectorAll('script[data-option]')) {
      const id = script.dataset.option;
      const option = JSON.parse(script.textContent);
      options[id] = option;
      chartOf(id)?.setOption({ animation: false, ...option });
    }
  };

  const follow = box => {
    let etag = null;
    let failures = 0;
    let timer = null;
    let asking = null;
    const every = Number(box.dataset.every);
    const away = document.createElement('p');
    away.className = 'remark problem';
    away.setAttribute('role', 'status');

    const again = pause => {
      clearTimeout(timer);
      timer = setTimeout(look, pause);
    };
    const look = async () => {
      if (document.hidden) return;
      asking?.abort();
      asking = new AbortController();
      const { signal } = asking;
      try {
        const headers = etag ? { 'If-None-Match': etag } : {};
        const answer = await fetch(box.dataset.live, { headers, cache: 'no-store', signal });
        if (answer.status !== 304) {
          if (!answer.ok) throw new Error(`it answers with ${answer.status}`);
          etag = answer.headers.get('ETag');
          patchChildren(box, parsed(await answer.text()));
          drawOn(box);
          ownTimes(box);
          count();
        }
        failures = 0;
        away.remove();
        if (box.querySelector('[data-ended]')) box.dispatchEvent(new CustomEvent('ended', { bubbles: true }));
        else again(every);
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        away.textContent = `What is seen here is no longer new: dj-sandbox ui does not answer (${error.message}). It is asked again.`;
        if (!away.isConnected) box.before(away);
        again(Math.min(LONGEST_PAUSE_MS, every * 2 ** failures));
      }
    };

    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) void look();
    });
    again(every);
    const anew = () => {
      etag = null;
      return look();
    };
    return { anew };
  };

  count();
  setInterval(count, 1_000);
  ownTimes(document);
  const followed = new Map([...document.querySelectorAll('[data-live]')].map(box => [box, follow(box)]));

  // Trials are shown below their sweep where it stands.
  document.addEventListener('click', event => {
    const toggle = event.target instanceof Element ? event.target.closest('a.toggle') : null;
    const box = toggle?.closest('[data-live]');
    if (!box || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    const url = new URL(toggle.href);
    history.replaceState(null, '', url.pathname + url.search);
    box.dataset.live = `/list${url.search}`;
    void followed.get(box).anew();
  });
})();
