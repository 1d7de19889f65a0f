// Of several charts in one place one is seen at a time; without this script all are.
(() => {
  for (const place of document.querySelectorAll('[data-choice]')) {
    const figures = [...place.querySelectorAll(':scope > figure')];
    if (figures.length < 2) continue;
    const label = document.createElement('label');
    label.className = 'choose';
    label.append(`${place.dataset.choice} `);
    const select = document.createElement('select');
    for (const [at, figure] of figures.entries())
      select.append(new Option(figure.querySelector('.chart-title').textContent, String(at)));
    label.append(select);
    place.prepend(label);
    const show = () => {
      for (const [at, figure] of figures.entries()) figure.hidden = String(at) !== select.value;
    };
    select.addEventListener('change', show);
    show();
  }
})();
