// Videos of one group play together, from one button or the keyboard. A shorter one waits at its end for the longest.
(() => {
  const DRIFT_S = 0.08;

  for (const group of document.querySelectorAll('[data-videos]')) {
    const videos = [...group.querySelectorAll('video')];
    const button = group.querySelector('[data-play]');
    const seek = group.querySelector('[data-seek]');
    const rate = group.querySelector('[data-rate]');
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
    rate?.addEventListener('change', () => {
      for (const video of videos) video.playbackRate = Number(rate.value);
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
    // Nothing plays on where nobody sees it.
    new IntersectionObserver(([entry]) => {
      if (entry && !entry.isIntersecting && playing) pause();
    }).observe(group);
    show();
  }
})();
