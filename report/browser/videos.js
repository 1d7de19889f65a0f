// Videos of one group play together, from one button or the keyboard. A shorter one waits at its end for the longest.
(() => {
  const DRIFT_S = 0.08;
  const rows = [];

  for (const group of document.querySelectorAll('[data-videos]')) {
    const videos = [...group.querySelectorAll('video')];
    const button = group.querySelector('[data-play]');
    const seek = group.querySelector('[data-seek]');
    if (videos.length === 0 || !button) continue;
    let playing = false;

    const lengthOf = video => (Number.isFinite(video.duration) ? video.duration : 0);
    const longest = () => videos.reduce((a, b) => (lengthOf(b) > lengthOf(a) ? b : a));

    const show = () => {
      button.textContent = playing ? 'Pause' : 'Play';
      button.setAttribute('aria-pressed', String(playing));
    };
    const goTo = seconds => {
      for (const video of videos) video.currentTime = Math.min(seconds, lengthOf(video));
    };
    const play = () => {
      playing = true;
      const leader = longest();
      if (leader.ended || leader.currentTime >= lengthOf(leader) - 0.02) goTo(0);
      for (const video of videos) if (!video.ended) video.play().catch(() => {});
      show();
      requestAnimationFrame(follow);
    };
    const pause = () => {
      playing = false;
      for (const video of videos) video.pause();
      show();
    };

    /** Holds all at the leader's time, and begins anew together when it has ended. */
    const follow = () => {
      if (!playing) return;
      const leader = longest();
      if (leader.ended) {
        goTo(0);
        for (const video of videos) video.play().catch(() => {});
      }
      for (const video of videos) {
        if (video === leader || video.seeking) continue;
        const at = Math.min(leader.currentTime, lengthOf(video));
        if (Math.abs(video.currentTime - at) > DRIFT_S) video.currentTime = at;
      }
      if (seek && document.activeElement !== seek) seek.value = String(leader.currentTime / (lengthOf(leader) || 1));
      requestAnimationFrame(follow);
    };

    const step = seconds => {
      pause();
      const leader = longest();
      goTo(Math.min(Math.max(0, leader.currentTime + seconds), lengthOf(leader)));
    };

    button.addEventListener('click', () => (playing ? pause() : play()));
    seek?.addEventListener('input', () => {
      pause();
      goTo(Number(seek.value) * lengthOf(longest()));
    });
    group.addEventListener('keydown', event => {
      if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
      if (event.key === 'k' || (event.key === ' ' && event.target !== button)) playing ? pause() : play();
      else if (event.key === 'ArrowRight') step(1 / 8);
      else if (event.key === 'ArrowLeft') step(-1 / 8);
      else if (event.key === 'Home') step(-1e9);
      else return;
      event.preventDefault();
    });
    for (const video of videos)
      video.addEventListener('error', () => {
        const said = document.createElement('p');
        said.className = 'remark problem';
        said.textContent = 'This browser cannot play it.';
        video.after(said);
      });
    const row = { group, videos, seen: false, isPlaying: () => playing, play, pause };
    // Nothing plays on where nobody sees it.
    new IntersectionObserver(([entry]) => {
      row.seen = entry?.isIntersecting ?? false;
      if (!row.seen && playing) pause();
    }).observe(group);
    rows.push(row);
    show();
  }

  for (const wall of document.querySelectorAll('[data-wall]')) {
    const own = rows.filter(({ group }) => wall.contains(group));
    const all = wall.querySelector('[data-play-all]');
    const rate = wall.querySelector('[data-rate]');
    all?.addEventListener('click', () => {
      const seen = own.filter(row => row.seen);
      const playing = seen.some(row => row.isPlaying());
      for (const row of seen) playing ? row.pause() : row.play();
    });
    rate?.addEventListener('change', () => {
      for (const { videos } of own) for (const video of videos) video.playbackRate = Number(rate.value);
    });
  }
})();
