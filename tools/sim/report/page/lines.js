// SPDX-License-Identifier: Apache-2.0
// Curves over time, with what they say under the pointer or the arrow keys.

// The last of the sorted `xs` that is not above x: its index, or -1.
function lastUpTo(xs, x) {
  let low = 0;
  let high = xs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle] <= x) low = middle + 1; else high = middle;
  }
  return low - 1;
}

// A curve has `run`, sorted `xs` and their `ys`; it is a step from one to the next, or a straight
// line. Ten thousand steps become as many as there are pixels.
function curvePath(curve, x, y, stepped, end) {
  if (curve.xs.length === 0) return '';
  let path = '';
  let drawnAt = -Infinity;
  const last = curve.xs.length - 1;
  for (let i = 0; i <= last; i += 1) {
    const place = x.place(curve.xs[i]);
    if (place - drawnAt < 0.5 && i !== last) continue;
    const px = place.toFixed(1);
    const py = y.place(curve.ys[i]).toFixed(1);
    if (path === '') path = `M${px} ${py}`;
    else path += stepped ? `H${px}V${py}` : `L${px} ${py}`;
    drawnAt = place;
  }
  return stepped ? `${path}H${x.place(end).toFixed(1)}` : path;
}

function valueAt(curve, x, stepped) {
  const i = lastUpTo(curve.xs, x);
  if (i < 0) return stepped ? 0 : null;
  if (stepped || i + 1 >= curve.xs.length) return curve.ys[i];
  const part = (x - curve.xs[i]) / (curve.xs[i + 1] - curve.xs[i]);
  return curve.ys[i] + part * (curve.ys[i + 1] - curve.ys[i]);
}

// view: {curves(), x: {name, log, words}, y: {words, max}, stepped, min, max}. Draws into `svg` and
// returns how to point at a place: fractions from 0 to 1 of the width, or null.
function drawLines(view, svg, width, say) {
  const curves = view.curves().filter((curve) => !hidden.has(curve.run.index));
  const right = width - MARGIN.right;
  const bottom = PLOT_HEIGHT - MARGIN.bottom;
  const top = view.y.max ?? Math.max(...curves.map((curve) =>
    curve.ys.reduce((a, b) => Math.max(a, b), 0)), 0);
  const x = (view.x.log ? logScale : linearScale)(view.min, view.max, MARGIN.left, right);
  const y = linearScale(0, top || 1, bottom, MARGIN.top);
  svg.append(axes(width,
    {...x, name: view.x.name, words: durationWords,
      ticks: ticks({log: view.x.log, time: true}, view.min, view.max, right - MARGIN.left)},
    {...y, words: view.y.ticks || view.y.words,
      ticks: ticks({vertical: true}, 0, top || 1, bottom - MARGIN.top)}));
  // The oracle comes last: its dots are to be seen on a curve that is as good.
  for (const curve of [...curves].sort((a, b) => a.run.oracle - b.run.oracle)) {
    const path = drawn('path', {class: 'curve', 'stroke-dasharray': curve.run.dash,
      d: curvePath(curve, x, y, view.stepped, view.max)});
    path.style.stroke = curve.run.colour;
    svg.append(path);
  }
  const marks = drawn('g', {class: 'marks'});
  svg.append(marks);

  function point(place, quietly) {
    marks.replaceChildren();
    if (place === null) return;
    const at = Math.min(right, Math.max(MARGIN.left, place));
    const value = x.value(at);
    marks.append(drawn('line', {x1: at, x2: at, y1: MARGIN.top, y2: bottom, class: 'cross'}));
    const rows = curves.map((curve) => ({run: curve.run, y: valueAt(curve, value, view.stepped)}))
      .filter((row) => row.y !== null).sort((a, b) => b.y - a.y);
    for (const row of rows) {
      const dot = drawn('circle', {cx: at, cy: y.place(row.y), r: 4, class: 'dot'});
      dot.style.fill = row.run.colour;
      marks.append(dot);
    }
    if (!quietly) {
      say(durationWords(value), rows.map((row) => [row.run, view.y.words(row.y)]), at);
    }
  }
  return {point, from: MARGIN.left, to: right, step: (right - MARGIN.left) / 50,
    placeOf: (value) => x.place(value)};
}
