// SPDX-License-Identifier: Apache-2.0
// Bars: side by side in categories (drawn), and one a strategy with its value printed (elements).

// view: {categories: [words], bars(): [{run, values, more: [words]}], x: {name}, y: {words}}.
function drawColumns(view, svg, width, say) {
  const bars = view.bars().filter((bar) => !hidden.has(bar.run.index));
  const right = width - MARGIN.right;
  const bottom = PLOT_HEIGHT - MARGIN.bottom;
  const top = Math.max(...bars.map((bar) => Math.max(...bar.values)), 0) || 1;
  const y = linearScale(0, top, bottom, MARGIN.top);
  const each = (right - MARGIN.left) / view.categories.length;
  const centre = (i) => MARGIN.left + each * (i + 0.5);
  svg.append(axes(width,
    {place: centre, name: view.x.name, words: (i) => view.categories[i],
      ticks: view.categories.map((_, i) => i)},
    {...y, words: view.y.words, ticks: ticks({vertical: true}, 0, top, bottom - MARGIN.top)}));
  const thick = Math.min(28, each * 0.8 / Math.max(1, bars.length));
  bars.forEach((bar, k) => {
    bar.values.forEach((value, i) => {
      if (!(value > 0)) return;
      const left = centre(i) + (k - bars.length / 2) * thick;
      const rect = drawn('rect', {x: left + thick * 0.06, width: thick * 0.88, y: y.place(value),
        height: bottom - y.place(value)});
      rect.style.fill = bar.run.colour;
      svg.append(rect);
    });
  });
  const marks = drawn('g', {class: 'marks'});
  svg.append(marks);

  function point(place) {
    marks.replaceChildren();
    if (place === null) return;
    const i = Math.min(view.categories.length - 1,
      Math.max(0, Math.floor((place - MARGIN.left) / each)));
    marks.append(drawn('rect', {x: MARGIN.left + each * i, width: each, y: MARGIN.top,
      height: bottom - MARGIN.top, class: 'band'}));
    say(view.told(i), bars.map((bar) => [bar.run, bar.more[i]]), centre(i));
  }
  return {point, from: MARGIN.left + each / 2, to: right - each / 2, step: each};
}

// view: {rows(): [{run, value, marks: [[what, value]], words}]}: the bar is `value`, ticks are
// further values on the same scale.
function barRows(view) {
  const rows = view.rows().filter((row) => !hidden.has(row.run.index));
  const reach = rows.flatMap((row) => [row.value, ...(row.marks || []).map(([, value]) => value)])
    .filter(isNumber).reduce((a, b) => Math.max(a, b), 0) || 1;
  const place = (value) => `${(value / reach * 100).toFixed(2)}%`;
  return element('div', {class: 'rows'}, ...rows.map((row) => {
    const track = element('div', {class: 'track', 'aria-hidden': 'true'});
    if (isNumber(row.value)) {
      const bar = element('div', {class: 'bar', title: row.words});
      bar.style.width = place(row.value);
      bar.style.background = row.run.colour;
      track.append(bar);
    }
    for (const [what, value] of row.marks || []) {
      if (!isNumber(value)) continue;
      const tick = element('div', {class: 'tick', title: what});
      tick.style.left = place(value);
      track.append(tick);
    }
    return element('div', {class: 'row'}, element('div', {class: 'who'}, swatch(row.run),
      row.run.name), track, element('div', {class: 'value'}, row.words));
  }));
}
