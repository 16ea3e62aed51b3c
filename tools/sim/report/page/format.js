// SPDX-License-Identifier: Apache-2.0
// Numbers as a person reads them, and elements. Text goes in as text, never as markup.

const MISSING = '–';
const GLUE = '\u00a0';  // keeps a number and its unit on one line
const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);

function countWords(value) {
  return isNumber(value) ? Math.round(value).toLocaleString('en') : MISSING;
}

// Three digits that say something: 0.0123, 1.23, 12.3, 123, 1,234.
function numberWords(value) {
  if (!isNumber(value)) return MISSING;
  if (Math.abs(value) >= 100) return countWords(value);
  return Number(value.toPrecision(3)).toLocaleString('en', {maximumFractionDigits: 8});
}

function shareWords(value) {
  if (!isNumber(value)) return MISSING;
  const percent = value * 100;
  const digits = percent === 0 || percent === 100 ? 0 : percent < 1 || percent > 99 ? 2 : 1;
  return `${percent.toFixed(digits)}${GLUE}%`;
}

function withUnits(value, step, units) {
  if (!isNumber(value)) return MISSING;
  let unit = 0;
  while (Math.abs(value) >= step * 0.9995 && unit + 1 < units.length) {
    value /= step;
    unit += 1;
  }
  return `${numberWords(value)}${GLUE}${units[unit]}`.trimEnd();
}
const shortWords = (value) => withUnits(value, 1000, ['', 'k', 'M', 'G', 'T']);
const byteWords = (value) => withUnits(value, 1000, ['B', 'kB', 'MB', 'GB', 'TB']);
const metreWords = (value) => withUnits(value, 1000, ['m', 'km']);
const jouleWords = (value) => withUnits(value, 1000, ['J', 'kJ', 'MJ']);
const timesWords = (value) => (isNumber(value) ? `${numberWords(value)}${GLUE}×` : MISSING);

// Two units at most: 0.4 s, 12.5 s, 12 min 30 s, 3 h 20 min, 2 d 4 h.
function durationWords(seconds) {
  if (!isNumber(seconds)) return MISSING;
  if (seconds < 0) return `−${durationWords(-seconds)}`;
  if (seconds < 59.95) return `${numberWords(seconds)}${GLUE}s`;
  const units = [['s', 1, 60], ['min', 60, 60], ['h', 3600, 24], ['d', 86400, Infinity]];
  for (let i = 1; i < units.length; i += 1) {
    const [name, size, limit] = units[i];
    const [below, step] = units[i - 1];
    const parts = Math.round(seconds / step);
    const per = size / step;
    if (parts < limit * per) {
      const rest = parts % per;
      const whole = `${Math.floor(parts / per)}${GLUE}${name}`;
      return rest === 0 ? whole : `${whole}${GLUE}${rest}${GLUE}${below}`;
    }
  }
  return MISSING;
}

const plural = (count, one, many) => `${countWords(count)} ${count === 1 ? one : many}`;

// An element with attributes (`on...` are listeners) and children, texts among them.
function element(tag, attributes = {}, ...children) {
  return furnish(document.createElement(tag), attributes, children);
}

const SVG = document.getElementById('namespace').namespaceURI;
function drawn(tag, attributes = {}, ...children) {
  return furnish(document.createElementNS(SVG, tag), attributes, children);
}

function furnish(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      node.addEventListener(name.slice(2), value);
    } else if (value !== null && value !== false) {
      node.setAttribute(name, value === true ? '' : value);
    }
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}
