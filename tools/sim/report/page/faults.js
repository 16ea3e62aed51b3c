// SPDX-License-Identifier: Apache-2.0
// What went wrong in the runs of production nodes, and what colluders found out.

const plain = (name) => text(name).replaceAll('_', ' ');

function faultRow(run, kind) {
  const did = Object.entries(object(kind.did)).filter(([, value]) => isNumber(value))
    .map(([what, value]) => `${plain(what)} ${countWords(value)}`).join(', ');
  return element('tr', {}, element('th', {scope: 'row'}, swatch(run), run.name),
    element('td', {}, plain(kind.name)), element('td', {}, countWords(kind.number)),
    element('td', {}, did || MISSING));
}

function table(label, heads, rows) {
  const head = element('tr', {}, ...heads.map((name) => element('th', {scope: 'col'}, name)));
  return element('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': label},
    element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows)));
}

function namingRow(whom, report) {
  const all = number(report.all);
  const share = (value) => shareWords(per(number(value), all));
  const first = object(report.first);
  const known = isNumber(report.chance) && isNumber(report.seen);
  const guess = known ? report.chance * report.seen : null;
  return element('tr', {}, element('th', {scope: 'row'}, whom), element('td', {}, countWords(all)),
    element('td', {}, countWords(report.seen)), element('td', {}, share(first.right)),
    element('td', {}, shareWords(first.precision)), element('td', {}, share(guess)),
    element('td', {}, share(report.bound)));
}

function theFaults(results) {
  const troubled = results.runs.filter((run) => run.faults.kinds.length > 0);
  if (troubled.length === 0) return null;
  const rows = troubled.flatMap((run) => run.faults.kinds.map((kind) => faultRow(run, kind)));
  const section = element('section', {}, element('h2', {}, 'What went wrong'),
    table('What went wrong', ['Strategy', 'Fault', 'People', 'What it did'], rows));
  for (const run of troubled) {
    const colluders = run.faults.colluders;
    if (!colluders) continue;
    section.append(table('What colluders found out',
      ['Whom they named', 'Of', 'Seen', 'Right', 'Right, of those named', 'Guessing', 'At best'],
      [namingRow('Authors', object(colluders.authors)),
        namingRow('Readers', object(colluders.readers))]));
    section.append(element('p', {class: 'quiet'}, 'Colluders name whoever brought a message, or '
      + 'its receipt, to any of them first. Guessing names anybody whom they had met by then; the '
      + 'best that naming a bearer can be right is where that person brought it at all.'));
  }
  return section;
}
