// SPDX-License-Identifier: Apache-2.0
// Which plots there are, and the curves and bars in them.

const TABLE_ROWS = 12;  // of a plot's table
const HOPS_SHOWN = 12;  // longer ways are counted together

// The share of `total` that has been reached at each of the sorted times.
function risingCurve(run, times, total) {
  const xs = Float64Array.from(times).sort();
  return {run, xs, ys: xs.map((_, i) => (i + 1) / Math.max(1, total))};
}

function curveTable(view, sideName) {
  const curves = view.curves().filter((curve) => !hidden.has(curve.run.index));
  const at = (i) => (view.x.log
    ? view.min * (view.max / view.min) ** (i / TABLE_ROWS)
    : view.min + (view.max - view.min) * i / TABLE_ROWS);
  const rows = Array.from({length: TABLE_ROWS + 1}, (_, i) => [durationWords(at(i)),
    ...curves.map((curve) => {
      const value = valueAt(curve, at(i), view.stepped);
      return value === null ? MISSING : view.y.words(value);
    })]);
  return {head: [sideName, ...curves.map((curve) => curve.run.name)], rows};
}

function linesView(name, curves, x, y, min, max, stepped) {
  const made = {kind: 'lines', name, stepped, min, max, x, y, curves: () => curves};
  made.table = () => curveTable(made, x.name);
  return made;
}

const SHARE = {name: 'Share of messages', words: shareWords, max: 1,
  ticks: (value) => `${Math.round(value * 100)}${GLUE}%`};

function seriesCurves(results, key) {
  return results.runs.map((run) => {
    const points = run.series.filter((point) => isNumber(point[key]));
    return {run, xs: points.map((point) => point.at_s), ys: points.map((point) => point[key])};
  }).filter((curve) => curve.xs.length > 0);
}

function deliveryFigure(results) {
  const {runs, scenario, messages} = results;
  const end = scenario.duration;
  const byTime = runs.filter((run) => run.deliveries.length)
    .map((run) => risingCurve(run, run.deliveries.map((one) => one.at), run.written));
  const fromSeries = seriesCurves(results, 'delivered')
    .filter((curve) => !byTime.some((one) => one.run === curve.run) && curve.run.written > 0)
    .map((curve) => ({...curve, ys: curve.ys.map((count) => count / curve.run.written)}));
  const byAge = runs.filter((run) => run.deliveries.length)
    .map((run) => risingCurve(run, run.deliveries.map((one) => one.delay), run.written));
  const views = [];
  if (byTime.length || fromSeries.length) {
    views.push(linesView('by time', [...byTime, ...fromSeries].sort((a, b) =>
      a.run.index - b.run.index), {name: 'Time in the simulation'}, SHARE, 0, end, true));
  }
  if (byAge.length && messages.length) {
    views.push(linesView('by age', byAge, {name: 'Age of the message'}, SHARE, 0,
      Math.min(end, longestDelay(runs) * 1.05), true));
  }
  return views.length && {title: 'Delivery over time', views,
    note: 'Of all messages written, those delivered by then.'};
}

const longestDelay = (runs) => runs.reduce((most, run) =>
  run.deliveries.reduce((a, one) => Math.max(a, one.delay), most), 0) || 1;

function delayFigure({runs}) {
  const curves = runs.filter((run) => run.deliveries.length).map((run) =>
    risingCurve(run, run.deliveries.map((one) => one.delay), run.deliveries.length));
  if (curves.length === 0) return null;
  const max = longestDelay(runs);
  const shortest = curves.reduce((least, curve) =>
    Math.min(least, curve.xs.find((value) => value > 0) ?? least), max);
  const y = {...SHARE, name: 'Share of delivered messages'};
  const x = {name: 'Delay from writing to delivery'};
  return {title: 'Delays', note: 'Of the messages that a strategy delivered, those that took no '
    + 'longer. Who delivers few may look quick here.',
  views: [linesView('plain', curves, x, y, 0, max, true),
    linesView('logarithmic', curves, {...x, log: true}, y, Math.max(0.1, Math.min(shortest,
      max / 10)), max, true)]};
}

function rowsView(name, about, runs, value, words, marks = () => []) {
  const known = runs.filter((run) => isNumber(value(run)));
  return known.length === 0 ? null : {kind: 'rows', name, about, rows: () => known.map((run) =>
    ({run, value: value(run), words: words(value(run), run), marks: marks(run)}))};
}

function overheadFigure({runs}) {
  const views = [
    rowsView('bytes', 'Bytes on the air for each byte delivered', runs,
      (run) => run.bytes_per_delivered_byte, numberWords),
    rowsView('carriers', 'People who carried a message, in the mean', runs,
      (run) => run.carriers_mean, numberWords),
    rowsView('transfers', 'Transfers for each message delivered', runs,
      (run) => per(run.transfers, run.delivered), numberWords),
    rowsView('lost copies', 'Copies dropped for want of room, and expired', runs,
      (run) => (isNumber(run.dropped) || isNumber(run.expired)
        ? (run.dropped || 0) + (run.expired || 0) : null),
      (_, run) => `${countWords(run.dropped)} dropped, ${countWords(run.expired)} expired`)];
  return {title: 'Overhead', note: 'What delivery costs the others.', views};
}

function hopsFigure({runs}) {
  const known = runs.filter((run) => run.deliveries.some((one) => one.hops > 0));
  if (known.length === 0) return null;
  const longest = known.reduce((most, run) =>
    run.deliveries.reduce((a, one) => Math.max(a, one.hops), most), 1);
  const count = Math.min(longest, HOPS_SHOWN);
  const categories = Array.from({length: count}, (_, i) =>
    (i + 1 === count && longest > count ? `${count}+` : String(i + 1)));
  const bars = known.map((run) => {
    const ways = run.deliveries.filter((one) => one.hops > 0);
    const groups = categories.map((_, i) =>
      ways.filter((one) => Math.min(one.hops, count) === i + 1));
    return {run, values: groups.map((group) => group.length / ways.length),
      more: groups.map((group) => {
        const sorted = group.map((one) => one.delay).sort((a, b) => a - b);
        return `${shareWords(group.length / ways.length)} (${countWords(group.length)})`
          + (group.length ? `, median ${durationWords(sorted[group.length >> 1])}` : '');
      })};
  });
  const view = {kind: 'columns', name: 'hops', categories, x: {name: 'Links that it crossed'},
    y: {name: 'Share of delivered messages', words: SHARE.ticks}, bars: () => bars,
    told: (i) => `${categories[i]} ${categories[i] === '1' ? 'hop' : 'hops'}`};
  view.table = () => {
    const seen = bars.filter((bar) => !hidden.has(bar.run.index));
    return {head: ['Hops', ...seen.map((bar) => bar.run.name)],
      rows: categories.map((name, i) => [name, ...seen.map((bar) => bar.more[i])])};
  };
  return {title: 'By hop', note: 'How many links delivered messages crossed, where it is known.',
    views: [view]};
}

function energyFigure({runs, scenario}) {
  const energy = (run, key) => number((run.energy || {})[key]);
  const view = rowsView('energy', 'Energy of the radio for each person, in the mean', runs,
    (run) => energy(run, 'mean'),
    (mean, run) => `${jouleWords(mean)} (${numberWords(mean / scenario.duration * 1000)} mW), `
      + `90 % below ${jouleWords(energy(run, 'p90'))}, most ${jouleWords(energy(run, 'max'))}`,
    (run) => [['90 % are below', energy(run, 'p90')], ['most', energy(run, 'max')]]);
  return {title: 'Energy', note: 'The bar is the mean; the ticks say below what nine in ten people '
    + 'stay, and what one needed most.', views: [view]};
}

function airFigure(results) {
  const {runs, scenario} = results;
  const overTime = seriesCurves(results, 'air_bytes');
  const radio = (run, key) => number((run.radio || {})[key]);
  const each = (run, key) => per(radio(run, key), scenario.nodes);
  return {title: 'Air', note: 'What goes through the air, with all that goes with messages.',
  views: [
    overTime.length ? linesView('over time', overTime, {name: 'Time in the simulation'},
      {name: 'Bytes on the air until then', words: byteWords}, 0, scenario.duration, false) : null,
    rowsView('in total', 'All bytes on the air; the tick says how many are messages', runs,
      (run) => run.air_bytes, (value, run) => byteWords(value)
        + (isNumber(run.message_bytes) ? `, ${byteWords(run.message_bytes)} messages` : ''),
      (run) => [['messages', run.message_bytes]]),
    rowsView('connected', 'Time in connections for each person, summed over connections', runs,
      (run) => each(run, 'connected_s'), durationWords),
    rowsView('scanning', 'Time listening for each person', runs,
      (run) => each(run, 'scan_s'), durationWords),
    rowsView('advertising', 'Advertisements sent by each person', runs,
      (run) => each(run, 'advertisements'), numberWords),
    rowsView('dials', 'Connections tried, by all', runs, (run) => radio(run, 'dials'),
      (value, run) => `${countWords(value)}, of which ${countWords(radio(run, 'dials_failed'))} `
        + 'failed', (run) => [['failed', radio(run, 'dials_failed')]])]};
}

function bufferFigure(results) {
  const view = (name, key, y) => {
    const curves = seriesCurves(results, key);
    return curves.length ? linesView(name, curves, {name: 'Time in the simulation'}, y, 0,
      results.scenario.duration, false) : null;
  };
  return {title: 'Copies carried', note: 'What is in the stores of all people at that time.',
    views: [view('copies', 'copies', {name: 'Copies held', words: countWords, ticks: shortWords}),
      view('bytes', 'carried_bytes', {name: 'Bytes held', words: byteWords})]};
}

// The runs of which a figure has something to say.
function runsOf(views, runs) {
  const parts = views.flatMap((view) =>
    (view.kind === 'lines' ? view.curves() : view.kind === 'rows' ? view.rows() : view.bars()));
  return runs.filter((run) => parts.some((part) => part.run === run));
}

function plots(results) {
  const made = [deliveryFigure, delayFigure, overheadFigure, hopsFigure, airFigure, bufferFigure,
    energyFigure].map((make) => make(results))
    .map((one) => one && {...one, views: one.views.filter((view) => view)})
    .filter((one) => one && one.views.length > 0);
  if (made.length === 0) return null;
  return element('section', {}, element('h2', {}, 'Plots'),
    element('div', {class: 'plots'}, ...made.map((one) =>
      figure({...one, runs: runsOf(one.views, results.runs)}).node)));
}
