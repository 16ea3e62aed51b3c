// SPDX-License-Identifier: Apache-2.0
// The results as the rest of the page wants them; what is missing becomes null or empty.

const list = (value) => (Array.isArray(value) ? value : []);
const object = (value) =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
const number = (value) => (isNumber(value) ? value : null);
const text = (value) => (typeof value === 'string' || isNumber(value) ? String(value) : '');

const STYLES = 8;  // colours of page.css
const DASHES = [null, '7 3', '2 3', '9 3 2 3'];

// Of the texts, or the files, of a plan with both; null when nothing is said of them.
function readPart(given) {
  const part = object(given);
  if (!isNumber(part.written)) return null;
  const delay = part.delivered > 0 ? object(part.delay_s) : {};
  return {written: part.written, delivered: number(part.delivered),
    delivery: number(part.delivery),
    delay: {median: number(delay.median), p90: number(delay.p90)}};
}

function readGroups(given) {
  const groups = object(given);
  if (!isNumber(groups.written) || groups.written === 0) return null;
  return {written: groups.written, reached: number(groups.reached),
    whole: isNumber(groups.whole) ? groups.whole / groups.written : null,
    half_s: groups.half > 0 ? number(groups.half_median_s) : null,
    all_s: groups.whole > 0 ? number(groups.all_median_s) : null};
}

function readRun(given, index, names, messages) {
  const run = object(given);
  const strategy = text(run.strategy) || `run ${index + 1}`;
  const before = names.get(strategy) || 0;
  names.set(strategy, before + 1);
  const outcomes = list(run.outcomes).map(object);
  const deliveries = [];
  outcomes.forEach((outcome, i) => {
    const at = number(outcome.delivered_s);
    const from = messages[i] ? messages[i].at : null;
    if (at !== null && from !== null) {
      deliveries.push({at, delay: Math.max(0, at - from), hops: number(outcome.hops) || 0});
    }
  });
  const carriers = outcomes.map((outcome) => number(outcome.carriers)).filter(isNumber);
  const written = number(run.written) ?? messages.length;
  const delivered = number(run.delivered) ?? deliveries.length;
  // Of nothing there is no delay; and the oracle sends nothing, which is not to be compared.
  const delay = delivered > 0 ? object(run.delay_s) : {};
  const ratio = object(run.to_oracle);
  const sends = run.transfers !== 0 || strategy !== 'oracle';
  const counted = {};
  for (const key of ['bytes_per_delivered_byte', 'air_bytes', 'message_bytes', 'transfers',
    'dropped', 'expired']) {
    counted[key] = sends ? number(run[key]) : null;
  }
  if (delivered === 0) counted.bytes_per_delivered_byte = null;
  return {
    ...counted,
    name: before === 0 ? strategy : `${strategy} (${before + 1})`,
    strategy,
    index,
    oracle: strategy === 'oracle',
    written,
    delivered,
    delivery: number(run.delivery),
    delay: {mean: number(delay.mean), median: number(delay.median), p90: number(delay.p90),
      p99: number(delay.p99)},
    ratio: {delivery: number(ratio.delivery), delay: delivered > 0 ? number(ratio.delay) : null},
    energy: run.energy_j ? object(run.energy_j) : null,
    radio: run.radio ? object(run.radio) : null,
    outcomes,
    deliveries,
    carriers_mean: sends && carriers.length
      ? carriers.reduce((a, b) => a + b, 0) / carriers.length : null,
    series: list(run.series).map(object).filter((point) => isNumber(point.at_s)),
    hash: text(run.event_hash),
    faults: {kinds: list(object(run.faults).kinds).map(object),
      colluders: object(run.faults).colluders ? object(object(run.faults).colluders) : null},
    texts: readPart(run.texts),
    files: readPart(run.files),
    groups: readGroups(run.groups),
  };
}

function readMap(given) {
  const map = object(given);
  const frames = list(map.positions).filter(Array.isArray).map((frame) => Float32Array.from(frame));
  const sizes = [map.width_m, map.height_m, map.interval_s];
  if (frames.length === 0 || !sizes.every((size) => isNumber(size) && size > 0)) return null;
  return {width: map.width_m, height: map.height_m, interval: map.interval_s, frames,
    people: Math.min(...frames.map((frame) => Math.floor(frame.length / 2)))};
}

function readResults(json) {
  const given = object(json);
  const scenario = object(given.scenario);
  const messages = list(given.messages).map((entry, i) => {
    const message = object(entry);
    return {name: text(message.name) || `message ${i}`, at: number(message.at_s) ?? 0,
      from: number(message.from), to: number(message.to), size: number(message.size_bytes),
      lifetime: number(message.lifetime_s)};
  });
  const names = new Map();
  const runs = list(given.runs).map((run, i) => readRun(run, i, names, messages));
  // The oracle is drawn in the colour of text; the others take the colours in turn.
  let colour = 0;
  for (const run of runs) {
    run.colour = run.oracle ? 'var(--oracle)' : `var(--run-${colour % STYLES})`;
    run.dash = run.oracle ? '2 3' : DASHES[Math.floor(colour / STYLES) % DASHES.length];
    colour += run.oracle ? 0 : 1;
  }
  const map = readMap(given.map);
  const spread = list(given.spread).map(object).map((entry) => {
    const run = runs.find((one) => one.strategy === text(entry.strategy)) || null;
    const seen = list(entry.seen)
      .filter((pair) => Array.isArray(pair) && isNumber(pair[0]) && isNumber(pair[1]))
      .sort((a, b) => a[1] - b[1]);
    const index = number(entry.message);
    return {run, strategy: text(entry.strategy), index, seen, times: seen.map(([, at]) => at),
      message: index === null ? null : messages[index] || null};
  }).filter((entry) => entry.seen.length > 0);
  const latest = Math.max(0, ...messages.slice(-1).map((message) => message.at),
    map ? (map.frames.length - 1) * map.interval : 0);
  return {scenario: {name: text(scenario.name), title: text(scenario.title),
    about: text(scenario.about),
    seed: text(scenario.seed), nodes: number(scenario.nodes), contacts: number(scenario.contacts),
    links: text(scenario.links), duration: number(scenario.duration_s) || latest || 1},
  messages, runs, map, spread};
}

// The strategies that a person has switched off, for the whole page.
const hidden = new Set();
const redraws = new Set();
function toggle(run) {
  if (!hidden.delete(run.index)) hidden.add(run.index);
  redraws.forEach((redraw) => redraw());
}
