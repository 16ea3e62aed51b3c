// SPDX-License-Identifier: Apache-2.0
// People as dots on a canvas: where they are between two frames, and who carries the message.

const MANY_PEOPLE = 5000;  // from here on squares, which are quicker to draw than circles
const FRESH_SHARE = 0.02;  // of the duration: how long a new carrier has a ring

function walkers(canvas, map, duration) {
  const context = canvas.getContext('2d');
  const reached = new Float64Array(map.people).fill(Infinity);
  const xs = new Float32Array(map.people);
  const ys = new Float32Array(map.people);
  let ends = {author: null, recipient: null};
  let size = {width: 0, height: 0, scale: 1, dot: 3};
  let colours = null;

  function resize() {
    const width = canvas.parentElement.clientWidth;
    const most = Math.max(240, window.innerHeight * 0.72);
    const scale = Math.min(width / map.width, most / map.height);
    const ratio = window.devicePixelRatio || 1;
    size = {width: map.width * scale, height: map.height * scale, scale,
      dot: Math.max(1.3, Math.min(4, Math.sqrt(width * most / map.people) / 9))};
    canvas.width = Math.round(size.width * ratio);
    canvas.height = Math.round(size.height * ratio);
    canvas.style.width = `${size.width}px`;
    canvas.style.height = `${size.height}px`;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }
  function readColours() {
    const style = getComputedStyle(canvas);
    colours = Object.fromEntries(['person', 'carrier', 'author', 'recipient', 'ink', 'card']
      .map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  }
  function place(seconds) {
    const at = Math.min(map.frames.length - 1, Math.max(0, seconds / map.interval));
    const before = map.frames[Math.floor(at)];
    const after = map.frames[Math.min(map.frames.length - 1, Math.floor(at) + 1)];
    const part = at - Math.floor(at);
    for (let i = 0; i < map.people; i += 1) {
      xs[i] = (before[2 * i] + part * (after[2 * i] - before[2 * i])) * size.scale;
      // North is up: the map's origin is its lower left corner.
      ys[i] = size.height
        - (before[2 * i + 1] + part * (after[2 * i + 1] - before[2 * i + 1])) * size.scale;
    }
  }
  function dots(colour, radius, chosen) {
    context.fillStyle = colour;
    context.beginPath();
    for (let i = 0; i < map.people; i += 1) {
      if (!chosen(i)) continue;
      if (map.people > MANY_PEOPLE) {
        context.rect(xs[i] - radius, ys[i] - radius, 2 * radius, 2 * radius);
      } else {
        context.moveTo(xs[i] + radius, ys[i]);
        context.arc(xs[i], ys[i], radius, 0, 2 * Math.PI);
      }
    }
    context.fill();
  }
  function fresh(seconds) {
    const span = duration * FRESH_SHARE;
    context.strokeStyle = colours.carrier;
    for (let i = 0; i < map.people; i += 1) {
      const age = (seconds - reached[i]) / span;
      if (!(age >= 0 && age < 1)) continue;
      context.globalAlpha = 1 - age;
      context.beginPath();
      context.arc(xs[i], ys[i], size.dot * (1.5 + 3 * age), 0, 2 * Math.PI);
      context.stroke();
    }
    context.globalAlpha = 1;
  }
  function label(i, words, colour) {
    if (i === null || i < 0 || i >= map.people) return;
    context.lineWidth = 2.5;
    context.strokeStyle = colour;
    context.beginPath();
    context.arc(xs[i], ys[i], size.dot + 5, 0, 2 * Math.PI);
    context.stroke();
    context.font = '600 13px system-ui, sans-serif';
    const wide = context.measureText(words).width;
    const right = xs[i] + size.dot + 9;
    const x = right + wide > size.width ? xs[i] - size.dot - 9 - wide : right;
    const y = Math.min(size.height - 5, Math.max(13, ys[i] + 4.5));
    context.lineWidth = 3.5;
    context.strokeStyle = colours.card;
    context.strokeText(words, x, y);
    context.fillStyle = colours.ink;
    context.fillText(words, x, y);
    context.lineWidth = 1;
  }
  resize();
  readColours();
  return {
    resize() {
      resize();
      readColours();
    },
    choose(entry) {
      reached.fill(Infinity);
      for (const [node, at] of entry ? entry.seen : []) {
        if (Object.hasOwn(reached, node)) reached[node] = Math.min(reached[node], at);
      }
      const message = entry ? entry.message : null;
      ends = {author: message ? message.from : null, recipient: message ? message.to : null};
    },
    draw(seconds) {
      place(seconds);
      context.clearRect(0, 0, size.width, size.height);
      dots(colours.person, size.dot, (i) => reached[i] > seconds);
      dots(colours.carrier, size.dot * 1.2, (i) => reached[i] <= seconds);
      fresh(seconds);
      label(ends.recipient, `recipient ${ends.recipient}`, colours.recipient);
      label(ends.author, `author ${ends.author}`, colours.author);
    },
    // Who is nearest to a place on the canvas, within a finger's breadth: [index, since when].
    nearest(x, y) {
      let best = null;
      let distance = 18 * 18;
      for (let i = 0; i < map.people; i += 1) {
        const far = (xs[i] - x) ** 2 + (ys[i] - y) ** 2;
        if (far < distance) {
          distance = far;
          best = i;
        }
      }
      return best === null ? null : [best, reached[best]];
    },
    scaleBar() {
      const metres = niceStep(map.width / 4, 1);
      return {width: Math.min(metres * size.scale, size.width), words: metreWords(metres)};
    },
  };
}
