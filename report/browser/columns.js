// Which columns of videos are seen; without this script all are.
(() => {
  for (const choice of document.querySelectorAll('[data-columns]')) {
    const rows = choice.parentElement.querySelectorAll('.row-videos');
    const place = choice.parentElement.querySelector('.wall-rows');
    const boxes = [...choice.querySelectorAll('input')];
    choice.hidden = false;
    const show = () => {
      const seen = boxes.filter(box => box.checked).map(box => Number(box.value));
      place.style.setProperty('--videos', String(Math.max(1, seen.length)));
      for (const row of rows)
        for (const [at, figure] of [...row.children].entries()) {
          figure.hidden = !seen.includes(at);
          if (figure.hidden) figure.querySelector('video')?.pause();
        }
    };
    for (const box of boxes) box.addEventListener('change', show);
    show();
  }
})();
