// SPDX-License-Identifier: Apache-2.0
// Messages spreading: which one, play and pause, where in time, how fast; the map, where there is
// one, and how many people the message has reached under each strategy.

const SPEEDS = [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600];
const PLAY_SECONDS = 30;  // how long the whole takes at the speed that is set at first

function spreadName(entry) {
  const {message} = entry;
  if (!message) return `${entry.strategy}: message ${countWords(entry.index)}`;
  const to = isNumber(message.to) ? ` to ${message.to}` : '';
  const from = isNumber(message.from) ? `, from ${message.from}${to}` : '';
  return `${entry.strategy}: ${message.name}${from}`;
}

// Infinity: never; null: nobody says.
function deliveredAt(entry) {
  const outcome = entry.run && entry.index !== null ? entry.run.outcomes[entry.index] : null;
  return outcome ? number(outcome.delivered_s) ?? Infinity : null;
}

// How many people the message had reached, under all strategies of which that is known.
function reachFigure(results, entry) {
  const curves = results.spread.filter((other) => other.index === entry.index && other.run)
    .map((other) => ({run: other.run, xs: other.times, ys: other.times.map((_, i) => i + 1)}));
  if (curves.length === 0) return null;
  const name = entry.message ? entry.message.name : `message ${entry.index}`;
  return figure({title: `People reached by ${name}`, runs: curves.map((curve) => curve.run),
    views: [linesView('reached', curves, {name: 'Time in the simulation'},
      {name: 'People who have carried it', words: countWords, ticks: shortWords}, 0,
      results.scenario.duration, true)]});
}

// A clock that plays: seconds from 0 to `end`, `speed` simulated seconds in one.
function player(end, changed) {
  let now = 0;
  let playing = false;
  let speed = 1;
  let last = 0;
  const set = (seconds) => {
    now = Math.min(end, Math.max(0, seconds));
    if (now >= end) playing = false;
    changed(now, playing);
  };
  const frame = (stamp) => {
    if (!playing) return;
    // A page that was in the background goes on where it was.
    set(now + Math.min(0.25, (stamp - last) / 1000) * speed);
    last = stamp;
    requestAnimationFrame(frame);
  };
  return {
    set,
    now: () => now,
    speed: (value) => { speed = value; },
    toggle() {
      if (now >= end) now = 0;
      playing = !playing;
      changed(now, playing);
      requestAnimationFrame((stamp) => {
        last = stamp;
        frame(stamp);
      });
    },
  };
}

function mapKey() {
  const key = (name, words) => element('li', {}, element('span', {class: `key ${name}`}), words);
  return element('ul', {class: 'keys'}, key('person', 'has not had it'),
    key('carrier', 'has carried it'), key('author', 'author'), key('recipient', 'recipient'));
}

function theMap(results) {
  const {map, spread, scenario} = results;
  const section = element('section', {}, element('h2', {}, 'A message spreads'));
  if (!map) {
    section.append(element('p', {class: 'notice'}, 'There is no map in these results. Places are '
      + 'known when the scenario moves people about or plays recorded positions, not when it '
      + 'plays a trace of contacts; chaski-sim records them when it is called with --map.'));
  }
  if (spread.length === 0) {
    section.append(element('p', {class: 'notice'},
      'Of no message was recorded whom it reached when.'));
  }
  if (!map && spread.length === 0) return section;

  const end = Math.max(scenario.duration, map ? (map.frames.length - 1) * map.interval : 0);
  let entry = spread[0] || null;
  let reach = null;
  let painter = null;
  const canvas = map ? element('canvas', {role: 'img', 'aria-label':
    'Map of the people; the words above it say how many carry the message'}) : null;
  const people = element('p', {class: 'told', role: 'status'});
  const clock = element('output', {class: 'clock'});
  const under = element('div', {});
  const pointed = element('p', {class: 'quiet pointed'}, map
    ? 'Point at somebody to see who it is.' : '');
  const bar = element('div', {class: 'scale'});

  const slider = element('input', {type: 'range', min: 0, max: end, step: 'any', value: 0,
    'aria-label': 'Time in the simulation', oninput: () => play.set(Number(slider.value)),
    onkeydown: (event) => {
      const way = {ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1}[event.key];
      if (!way) return;
      play.set(play.now() + way * end / 200);
      event.preventDefault();
    }});
  const button = element('button', {type: 'button', class: 'play', onclick: () => play.toggle()},
    'Play');
  const play = player(end, show);
  const usual = SPEEDS.find((speed) => speed >= end / PLAY_SECONDS) || SPEEDS.at(-1);
  const speeds = element('select', {'aria-label': 'Speed', onchange: () =>
    play.speed(Number(speeds.value))}, ...SPEEDS.map((speed) => element('option', {value: speed,
    selected: speed === usual}, `${countWords(speed)} × real time`)));
  play.speed(usual);
  const choice = element('select', {'aria-label': 'Message', onchange: () => choose(
    spread[Number(choice.value)])}, ...spread.map((one, i) => element('option', {value: i},
    spreadName(one))));

  function show(now, playing) {
    slider.value = String(now);
    slider.setAttribute('aria-valuetext', durationWords(now));
    button.textContent = playing ? 'Pause' : 'Play';
    clock.textContent = `${durationWords(Math.round(now))} of ${durationWords(end)}`;
    if (entry) people.textContent = reachedWords(now);
    if (painter) painter.draw(now);
    if (reach) reach.setCursor(now);
  }
  function reachedWords(now) {
    const count = lastUpTo(entry.times, now) + 1;
    const at = deliveredAt(entry);
    const written = entry.message ? entry.message.at : 0;
    if (now < written) return `It is written at ${durationWords(written)}.`;
    let arrived = '';
    if (at === Infinity) arrived = ' It is not delivered in this run.';
    if (at !== null && at <= now) {
      arrived = ` Delivered at ${durationWords(at)}, after ${durationWords(at - written)}.`;
    }
    const all = scenario.nodes ?? (map ? map.people : null);
    return `${countWords(count)}${all === null ? '' : ` of ${countWords(all)}`} people `
      + `${count === 1 ? 'has' : 'have'} carried it.${arrived}`;
  }
  function choose(next) {
    entry = next;
    if (painter) painter.choose(entry);
    if (reach) reach.close();
    reach = reachFigure(results, entry);
    under.replaceChildren(...(reach ? [reach.node] : []));
    play.set(Math.max(0, (entry.message ? entry.message.at : entry.seen[0][1]) - end / 200));
  }
  section.append(element('div', {class: 'controls'}, spread.length ? choice : null, button,
    speeds,
    clock), slider, people);
  if (map) {
    const frame = element('div', {class: 'map'}, canvas);
    section.append(frame, element('div', {class: 'below'}, entry ? mapKey() : null, bar), pointed);
    const start = () => {
      if (!painter) {
        painter = walkers(canvas, map, end);
        painter.choose(entry);
      }
      painter.resize();
      const scale = painter.scaleBar();
      bar.textContent = scale.words;
      bar.style.width = `${scale.width}px`;
      painter.draw(play.now());
    };
    new ResizeObserver(start).observe(frame);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', start);
    canvas.addEventListener('pointermove', (event) => {
      const found = painter.nearest(event.offsetX, event.offsetY);
      if (found) {
        const [who, since] = found;
        if (!entry) pointed.textContent = `Person ${who}`;
        else pointed.textContent = since === Infinity ? `Person ${who} never has it.`
          : `Person ${who} ${since <= play.now() ? 'got' : 'will get'} it at `
            + `${durationWords(since)}.`;
      }
    });
  }
  section.append(under);
  if (entry) choose(entry); else show(0, false);
  return section;
}
