// SPDX-License-Identifier: Apache-2.0
// Scales, the places of ticks, and the frame of a plot.

const MARGIN = {top: 12, right: 14, bottom: 46, left: 62};
const PLOT_HEIGHT = 300;
const TIME_STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200,
  10800, 21600, 43200, 86400, 172800, 432000, 864000, 2592000, 8640000];
const LOG_TIMES = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120, 300, 600, 1200, 3600, 7200, 18000,
  36000, 86400, 172800, 432000, 864000];
const TIME_DECADES = [0.01, 0.1, 1, 10, 60, 600, 3600, 36000, 86400, 864000, 8640000];

function linearScale(min, max, from, to) {
  const span = max > min ? max - min : 1;
  return {place: (value) => from + (value - min) / span * (to - from),
    value: (place) => min + (place - from) / (to - from) * span};
}

function logScale(min, max, from, to) {
  const inner = linearScale(Math.log(min), Math.log(Math.max(max, min * 1.001)), from, to);
  return {place: (value) => inner.place(Math.log(Math.max(value, min))),
    value: (place) => Math.exp(inner.value(place))};
}

function steps(min, max, step) {
  const out = [];
  for (let i = Math.ceil(min / step - 1e-9) || 0; i * step <= max * (1 + 1e-9); i += 1) {
    out.push(i * step);
  }
  return out;
}

function niceStep(span, count) {
  const rough = span / Math.max(1, count);
  const decade = 10 ** Math.floor(Math.log10(rough));
  return decade * [1, 2, 2.5, 5, 10].find((factor) => factor * decade >= rough * 0.999);
}

// Axis of times or of numbers; `room` is its length in pixels.
function ticks(axis, min, max, room) {
  const count = Math.max(2, Math.floor(room / (axis.vertical ? 42 : axis.log ? 50 : 84)));
  if (axis.log) {
    const inside = (times) =>
      times.filter((value) => value >= min * 0.999 && value <= max * 1.001);
    const chosen = [LOG_TIMES, TIME_DECADES].map(inside)
      .find((times) => times.length >= 2 && times.length <= count);
    return chosen || [min, max];
  }
  if (!(max > min)) return [min];
  const step = axis.time
    ? TIME_STEPS.find((size) => (max - min) / size <= count) || niceStep(max - min, count)
    : niceStep(max - min, count);
  return steps(min, max, step);
}

// Grid, ticks and the names of both axes; `place` maps values to pixels.
function axes(width, x, y) {
  const bottom = PLOT_HEIGHT - MARGIN.bottom;
  const right = width - MARGIN.right;
  const group = drawn('g', {class: 'axes'});
  for (const value of y.ticks) {
    const at = y.place(value);
    group.append(drawn('line', {x1: MARGIN.left, x2: right, y1: at, y2: at, class: 'grid'}),
      drawn('text', {x: MARGIN.left - 7, y: at + 4, 'text-anchor': 'end'}, y.words(value)));
  }
  for (const value of x.ticks) {
    const at = x.place(value);
    const end = at > right - 24 ? 'end' : at < MARGIN.left + 12 ? 'start' : 'middle';
    group.append(drawn('line', {x1: at, x2: at, y1: bottom, y2: bottom + 5, class: 'base'}),
      drawn('text', {x: at, y: bottom + 19, 'text-anchor': end}, x.words(value)));
  }
  group.append(drawn('line', {x1: MARGIN.left, x2: right, y1: bottom, y2: bottom, class: 'base'}),
    drawn('text', {x: (MARGIN.left + right) / 2, y: PLOT_HEIGHT - 6, 'text-anchor': 'middle',
      class: 'name'}, x.name));
  return group;
}
