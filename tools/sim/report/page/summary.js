// SPDX-License-Identifier: Apache-2.0
// What was simulated and what came of it, in words; and the table of strategies.

const WORDY_RUNS = 3;  // with more of them the table says it better
const LINKS = {
  ble: 'over Bluetooth LE, simulated as a process: advertising, scanning, collisions, set-up',
  wifi: 'over Wi-Fi',
  ideal: 'over ideal links, without a radio',
};

function spanWords(values, words) {
  const known = values.filter(isNumber);
  if (known.length === 0) return null;
  const low = known.reduce((a, b) => Math.min(a, b));
  const high = known.reduce((a, b) => Math.max(a, b));
  return low === high ? words(low) : `${words(low)} to ${words(high)}`;
}

function scenarioWords(results) {
  const {scenario, messages} = results;
  const written = messages.length || Math.max(0, ...results.runs.map((run) => run.written));
  const people = isNumber(scenario.nodes) ? plural(scenario.nodes, 'person', 'people') : 'People';
  const met = isNumber(scenario.contacts)
    ? `met ${plural(scenario.contacts, 'time', 'times')}` : 'met';
  const links = scenario.links
    ? `, ${Object.hasOwn(LINKS, scenario.links) ? LINKS[scenario.links] : scenario.links}` : '';
  const size = spanWords(messages.map((message) => message.size), byteWords);
  const lifetime = spanWords(messages.map((message) => message.lifetime), durationWords);
  const seed = scenario.seed
    ? ` Seed${GLUE}${scenario.seed}: the same seed gives the same results.` : '';
  return `${people} ${met} in ${durationWords(scenario.duration)}${links}. `
    + `They wrote ${plural(written, 'message', 'messages')}${size ? ` of ${size}` : ''}`
    + `${lifetime ? `, which live ${lifetime}` : ''}.${seed}`;
}

function outcomeWords(run, oracle) {
  let words = `${run.name} delivered ${countWords(run.delivered)} of `
    + `${plural(run.written, 'message', 'messages')}`;
  if (isNumber(run.delivery)) words += ` (${shareWords(run.delivery)})`;
  if (oracle && isNumber(oracle.delivery)) {
    words += `; at most ${shareWords(oracle.delivery)} were possible on these contacts`;
  }
  if (isNumber(run.delay.median)) {
    words += `. Half of what arrived took ${durationWords(run.delay.median)} or less`;
  }
  if (isNumber(run.delay.p90)) words += `, nine in ten ${durationWords(run.delay.p90)} or less`;
  if (oracle && isNumber(run.ratio.delay)) {
    words += `; the mean delay is ${timesWords(run.ratio.delay)} the shortest possible`;
  }
  return `${words}.`;
}

const per = (a, b) => (isNumber(a) && isNumber(b) && b > 0 ? a / b : null);

// Who delivers only what is near looks quick: a delay is best only among those who deliver at least
// this share of what the best of them does.
const COMPARABLE = 0.95;
const delivery = (run) => run.delivery ?? per(run.delivered, run.written);

// Columns: what it is called, its value, its words, whether more (1) or less (-1) is better, and
// whether it is a delay.
const COLUMNS = [
  ['Delivered', delivery,
    (value, run) => `${shareWords(value)} (${countWords(run.delivered)})`, 1],
  ['of the oracle’s', (run) => run.ratio.delivery, shareWords, 1],
  ['Median delay', (run) => run.delay.median, durationWords, -1, true],
  ['9 in 10 within', (run) => run.delay.p90, durationWords, -1, true],
  ['Delay ÷ oracle’s', (run) => run.ratio.delay, timesWords, -1, true],
  ['Bytes per delivered byte', (run) => run.bytes_per_delivered_byte, numberWords, -1],
  ['Energy a person', (run) => number((run.energy || {}).mean), jouleWords, -1],
];

const partColumns = (part) => [
  ['Delivered', (run) => (run[part] || {}).delivery ?? null,
    (value, run) => `${shareWords(value)} (${countWords((run[part] || {}).delivered)})`, 1],
  ['Median delay', (run) => run[part] && run[part].delay.median, durationWords, -1, true],
  ['9 in 10 within', (run) => run[part] && run[part].delay.p90, durationWords, -1, true],
];

const GROUP_COLUMNS = [
  ['Members reached', (run) => run.groups && run.groups.reached, shareWords, 1],
  ['Groups reached whole', (run) => run.groups && run.groups.whole, shareWords, 1],
  ['Half have it after', (run) => run.groups && run.groups.half_s, durationWords, -1, true],
  ['All have it after', (run) => run.groups && run.groups.all_s, durationWords, -1, true],
];

// What comes below the table of all messages: texts, files, and messages to several.
function furtherTables(results) {
  const shown = [];
  const table = (has, title, words, columns) => {
    if (!results.runs.some(has)) return;
    shown.push(element('h2', {}, title), strategyTable(results, columns, title));
    if (words) shown.push(element('p', {class: 'quiet'}, words));
  };
  table((run) => run.texts && run.texts.written > 0, 'Texts', null, partColumns('texts'));
  table((run) => run.files, 'Files', 'A file has arrived when all of it has. Production nodes cut '
    + 'it into chunks; the other strategies carry it as one message.', partColumns('files'));
  table((run) => run.groups, 'Groups', 'A message to several is a row of messages, one for each '
    + 'of them. Times are medians, over the groups that came so far.', GROUP_COLUMNS);
  return shown;
}

function strategyTable(results, all = COLUMNS, label = 'Strategies beside the oracle') {
  const columns = all.filter(([, value]) => results.runs.some((run) => isNumber(value(run))));
  const rivals = results.runs.filter((run) => !run.oracle);
  const most = rivals.map(delivery).filter(isNumber).reduce((a, b) => Math.max(a, b), 0);
  const comparable = rivals.filter((run) => delivery(run) >= COMPARABLE * most);
  const best = columns.map(([, value, , end, delay]) => {
    const known = (delay ? comparable : rivals).map(value).filter(isNumber);
    if (known.length === 0 || rivals.map(value).filter(isNumber).length < 2) return null;
    return known.reduce((a, b) => (end > 0 ? Math.max(a, b) : Math.min(a, b)));
  });
  const head = element('tr', {}, element('th', {scope: 'col'}, 'Strategy'),
    ...columns.map(([name]) => element('th', {scope: 'col'}, name)));
  const rows = results.runs.map((run) => element('tr', {class: run.oracle ? 'oracle' : null},
    element('th', {scope: 'row'}, swatch(run), run.name),
    ...columns.map(([, value, words, , delay], i) => {
      const figure = value(run);
      const marked = !run.oracle && best[i] !== null && figure === best[i]
        && (!delay || comparable.includes(run));
      return element('td', {class: marked ? 'best' : null}, words(figure, run),
        marked ? element('span', {class: 'mark'}, ' best') : null);
    })));
  return element('div', {class: 'scroll', tabindex: '0', role: 'region',
    'aria-label': label},
  element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows)));
}

function swatch(run) {
  const mark = drawn('svg', {class: 'swatch', viewBox: '0 0 22 8', 'aria-hidden': 'true'},
    drawn('line', {x1: 1, x2: 21, y1: 4, y2: 4, 'stroke-width': 3, 'stroke-dasharray': run.dash}));
  mark.firstChild.style.stroke = run.colour;
  return mark;
}

function summary(results) {
  const {scenario, runs} = results;
  const oracle = runs.find((run) => run.oracle) || null;
  const told = runs.filter((run) => !run.oracle);
  const section = element('section', {},
    element('h1', {}, scenario.title || scenario.name || 'A simulation'),
    scenario.title && scenario.name ? element('p', {class: 'quiet'}, scenario.name) : null,
    scenario.about ? element('p', {}, scenario.about) : null,
    isNumber(scenario.nodes) || runs.length ? element('p', {}, scenarioWords(results)) : null,
    ...(told.length <= WORDY_RUNS ? told : told.filter((run) => run.strategy === 'chaski'))
      .map((run) => element('p', {}, outcomeWords(run, oracle))));
  if (runs.length === 0) {
    section.append(element('p', {class: 'notice'}, 'There is no run in these results.'));
    return section;
  }
  section.append(element('h2', {}, 'Strategies'), strategyTable(results));
  section.append(element('p', {class: 'quiet'}, oracle
    ? 'The oracle knows all contacts beforehand: no protocol can deliver more, or sooner. A delay '
      + 'beside the oracle’s is of the messages that both delivered. Best values are marked among '
      + 'the others; best delays among those who deliver nearly as much as the best of them.'
    : 'No oracle ran on these contacts, so there is no bound to compare with.'));
  section.append(...furtherTables(results));
  const hashes = runs.filter((run) => run.hash);
  if (hashes.length) {
    section.append(element('details', {}, element('summary', {}, 'Event hashes'),
      element('p', {class: 'quiet'}, 'Two runs with the same hash delivered the same messages to '
        + 'the same places at the same times.'),
      element('ul', {class: 'hashes'}, ...hashes.map((run) =>
        element('li', {}, `${run.name} `, element('code', {}, run.hash))))));
  }
  return section;
}
