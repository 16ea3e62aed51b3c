// SPDX-License-Identifier: Apache-2.0
// A plot with its title, its views to choose from, a legend that switches strategies off and on
// for the whole page, the values under the pointer or the arrow keys, and the same as a table.

// A view of `kind` lines, columns or rows; `name` is on its button. `view.table()` gives
// {head: [words], rows: [[words]]}.
const DRAW = {lines: drawLines, columns: drawColumns};

function legend(runs, mine) {
  const buttons = runs.map((run) => {
    const button = element('button', {type: 'button', class: 'chip', 'aria-pressed': 'true',
      title: 'Show or hide, in all plots', onclick: () => toggle(run)}, swatch(run), run.name);
    mine.push(() => button.setAttribute('aria-pressed', String(!hidden.has(run.index))));
    return button;
  });
  return element('div', {class: 'legend', role: 'group', 'aria-label': 'Strategies shown'},
    ...buttons);
}

function readout(plot) {
  const box = element('div', {class: 'readout', role: 'status'});
  plot.append(box);
  return {
    hide: () => box.replaceChildren(),
    say(title, rows, at) {
      box.replaceChildren(element('div', {class: 'when'}, title),
        ...rows.map(([run, words]) => element('div', {class: 'line'}, swatch(run),
          element('span', {}, run.name), element('b', {}, words))));
      const room = plot.clientWidth - box.offsetWidth;
      const left = at + 14 > room ? at - box.offsetWidth - 14 : at + 14;
      box.style.left = `${Math.max(0, Math.min(room, left))}px`;
    },
  };
}

// Pointer and arrow keys on `plot` move what `current()` points at.
function pointing(plot, current, hide) {
  let place = null;
  const move = (to) => {
    place = to;
    current().point(to);
    if (to === null) hide();
  };
  const follow = (event) => move(event.clientX - plot.getBoundingClientRect().left);
  plot.addEventListener('pointermove', follow);
  plot.addEventListener('pointerdown', follow);
  plot.addEventListener('pointerleave', () => move(null));
  plot.addEventListener('blur', () => move(null));
  plot.addEventListener('keydown', (event) => {
    const {from, to, step} = current();
    const at = place ?? from - step;
    const places = {ArrowRight: at + step, ArrowLeft: place === null ? to : at - step, Home: from,
      End: to};
    if (event.key === 'Escape') move(null);
    if (!Object.hasOwn(places, event.key)) return;
    move(Math.max(from, Math.min(to, places[event.key])));
    event.preventDefault();
  });
  return () => { place = null; };
}

function valueTable(view) {
  const {head, rows} = view.table();
  return element('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Values'},
    element('table', {},
      element('thead', {}, element('tr', {}, ...head.map((name) =>
        element('th', {scope: 'col'}, name)))),
      element('tbody', {}, ...rows.map((row) => element('tr', {}, ...row.map((cell, i) =>
        (i === 0 ? element('th', {scope: 'row'}, cell) : element('td', {}, cell))))))));
}

function figure({title, note, runs, views}) {
  const mine = [];
  let view = views[0];
  let current = null;
  let cursor = null;
  const plot = element('div', {class: 'plot', tabindex: '0', role: 'group',
    'aria-label': `${title}. Arrow keys read values; the same is in the table below.`});
  const holder = element('div', {class: 'holder'});
  const sideName = element('div', {class: 'axis-name'});
  const values = element('details', {class: 'values'}, element('summary', {}, 'As a table'));
  const box = readout(plot);
  const forget = pointing(plot, () => current, () => {
    box.hide();
    placeCursor();
  });

  function redraw() {
    box.hide();
    forget();
    const rows = view.kind === 'rows';
    plot.hidden = rows;
    values.hidden = rows;
    sideName.textContent = rows ? view.about || '' : view.y.name;
    holder.replaceChildren();
    plot.querySelector('svg')?.remove();
    current = null;
    if (rows) {
      holder.append(barRows(view));
    } else {
      const width = Math.max(240, plot.clientWidth);
      const svg = drawn('svg', {viewBox: `0 0 ${width} ${PLOT_HEIGHT}`, width,
        height: PLOT_HEIGHT, 'aria-hidden': 'true'});
      plot.prepend(svg);
      current = DRAW[view.kind](view, svg, width, box.say);
      placeCursor();
    }
    if (values.open && !rows) {
      values.replaceChildren(values.firstChild, valueTable(view));
    }
  }
  function placeCursor() {
    if (cursor !== null && current) current.point(current.placeOf(cursor), true);
  }
  values.addEventListener('toggle', redraw);
  mine.push(redraw);
  let width = 0;
  new ResizeObserver(() => {
    const now = plot.hidden ? holder.clientWidth : plot.clientWidth;
    if (now !== width) {
      width = now;
      redraw();
    }
  }).observe(plot);

  const choices = views.length < 2 ? null : element('div', {class: 'views', role: 'group',
    'aria-label': 'What is shown'}, ...views.map((one, i) => element('button', {type: 'button',
    'aria-pressed': String(i === 0),
    onclick: (event) => {
      view = one;
      for (const button of choices.children) {
        button.setAttribute('aria-pressed', String(button === event.currentTarget));
      }
      redraw();
    }}, one.name)));
  const node = element('figure', {}, element('figcaption', {}, title),
    note ? element('p', {class: 'quiet'}, note) : null, choices, legend(runs, mine), sideName, plot,
    holder, values);
  mine.forEach((one) => redraws.add(one));
  return {node, close: () => mine.forEach((one) => redraws.delete(one)),
    setCursor: (seconds) => { cursor = seconds; placeCursor(); }};
}
