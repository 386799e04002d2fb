'use strict';
(() => {
  const every = (selector, root = document) => [...root.querySelectorAll(selector)];

  // The theme is remembered where the browser lets a file remember anything.
  const themes = every('input[name=theme]');
  try {
    const kept = localStorage.getItem('assay-theme');
    for (const each of themes) if (each.value === kept) each.checked = true;
    for (const each of themes) each.addEventListener('change', () => localStorage.setItem('assay-theme', each.value));
  } catch { /* then it is chosen anew */ }

  // Search: over the words that a reader sees of a law.
  const search = document.querySelector('input[type=search]');
  const laws = every('.law').map(row => [row, row.textContent.toLowerCase()]);
  const said = document.querySelector('#found');
  if (search) {
    search.parentElement.hidden = false;
    search.addEventListener('input', () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const [row, text] of laws) {
        row.hidden = !words.every(word => text.includes(word));
        shown += !row.hidden;
      }
      said.textContent = words.length ? `${shown} of ${laws.length} laws` : '';
    });
  }

  // A link to a finding opens it.
  const open = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target instanceof HTMLDetailsElement) { target.open = true; target.scrollIntoView(); }
  };
  addEventListener('hashchange', open);
  open();

  // On paper nothing can be unfolded.
  let folded = [];
  addEventListener('beforeprint', () => {
    folded = every('details.finding:not([open])').slice(0, 100);
    for (const each of folded) each.open = true;
  });
  addEventListener('afterprint', () => { for (const each of folded) each.open = false; });

  for (const each of every('.copied')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'Copy';
    button.setAttribute('aria-label', `Copy: ${each.dataset.what}`);
    button.addEventListener('click', async () => {
      const text = each.querySelector('pre').textContent;
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        const range = document.createRange();
        range.selectNodeContents(each.querySelector('pre'));
        getSelection().removeAllRanges();
        getSelection().addRange(range);
        document.execCommand('copy');
      }
      button.textContent = 'Copied';
      setTimeout(() => { button.textContent = 'Copy'; }, 1500);
    });
    each.append(button);
  }
})();
