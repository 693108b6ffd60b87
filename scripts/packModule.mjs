// @ts-check
/**
 * Bytes as text that is small once it is gzipped, for the builds that travel inline: copies of what
 * came before, as in gzip, but from any distance and each symbol by the odds in its context. A character
 * of the text is a digit of base 64, which gzip's code makes six bits again.
 *
 * assembly/unpack.ts says what stands in the text, and reads it. Contexts here are its addresses / 16.
 */

const HEAD = 0;
const DELTA = 2 << 4;
const LENGTH = 3 << 4;
const DISTANCE = 5 << 4;
const BYTE = 1 << 9;
const CONTEXTS = BYTE + (1 << 13);
const SYMBOLS = 16;
const STEP = 5;
const MOST_DISTANCE = 0xffff;
/** A distance this near the last one is told by the difference. */
const CLOSE = 7;

/** How many places are tried for a match, how much of each, and below what length all its parts. */
const MOST_PLACES = 1500;
const MOST_LENGTH = 300;
const PARTS = 12;
const PASSES = 24;

/** Printable and harmless in any quotes and in HTML. */
const ALPHABET = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter(
  (character) => !'"\\`$<'.includes(character),
);
const DIGITS = Array.from({ length: 64 }, (_, digit) =>
  ALPHABET.find((character) => ((character.charCodeAt(0) * 3) >> 2) % 64 === digit),
);

/** @typedef {{ length: number, distance: number }} Token a copy, or a byte: length 1, distance 0 */
/** @typedef {(context: number, symbol: number) => void} Coder takes symbols one by one */

/** @param {Buffer} bytes */
export function packedText(bytes) {
  const matches = matchesIn(bytes);
  const prices = new Float64Array(SYMBOLS * CONTEXTS).fill(3);
  /** @type {Token[]} */
  let tokens = [];
  // What a symbol costs is known once all are told: a pass uses what the one before has counted.
  for (let pass = 0; pass < PASSES; pass++) {
    tokens = cheapestTokens(bytes, matches, prices);
    // As the coder begins, and as much again: what is rare costs more than its share tells.
    const counts = new Float64Array(prices.length).fill(2 / STEP);
    tellTokens(bytes, tokens, (context, symbol) => counts[SYMBOLS * context + symbol]++);
    for (let from = 0; from < prices.length; from += SYMBOLS) {
      const own = counts.subarray(from, from + SYMBOLS);
      const total = own.reduce((sum, count) => sum + count);
      prices.set(
        own.map((count) => Math.log2(total / count)),
        from,
      );
    }
  }
  const coder = new RangeCoder();
  tellTokens(bytes, tokens, (context, symbol) => coder.code(context, symbol));
  return coder.text();
}

/** @param {Buffer} bytes @param {readonly Token[]} tokens @param {Coder} code */
function tellTokens(bytes, tokens, code) {
  let at = 0;
  let last = { length: 1, distance: 0 };
  let lastDistance = 0;
  for (const token of tokens) {
    tellToken(code, bytes, at, token, last.distance > 0, lastDistance);
    at += token.length;
    last = token;
    lastDistance = token.distance || lastDistance;
  }
}

/**
 * @param {Coder} code
 * @param {Buffer} bytes
 * @param {number} at
 * @param {Token} token
 * @param {boolean} afterCopy
 * @param {number} lastDistance
 */
function tellToken(code, bytes, at, { length, distance }, afterCopy, lastDistance) {
  const before = at > 0 ? bytes[at - 1] : 0;
  const head = HEAD + (afterCopy ? 16 : 0) + (before >> 4);
  const delta = distance - lastDistance;
  if (distance === 0) {
    const second = at > 1 ? bytes[at - 2] : 0;
    const context = BYTE + (((before & 0xf8) | (second >> 5)) << 5);
    const high = bytes[at] >> 4;
    code(head, 0);
    code(context, high);
    code(context + 1 + high, bytes[at] & 15);
  } else if (Math.abs(delta) <= CLOSE) {
    code(head, Math.min(length, 7));
    code(DELTA, delta > 0 ? 2 * delta - 1 : -2 * delta);
    if (length > 6) tellNumber(code, LENGTH, length - 6);
  } else {
    code(head, Math.min(length + 6, 15));
    if (length > 8) tellNumber(code, LENGTH, length - 8);
    tellNumber(code, DISTANCE, distance);
  }
}

/** @param {Coder} code @param {number} context @param {number} value from 1 */
function tellNumber(code, context, value) {
  let bits = 31 - Math.clz32(value);
  code(context, bits);
  while (bits > 0) {
    const some = Math.min(bits, 4);
    code(context + bits, (value >> (bits - some)) & ((1 << some) - 1));
    bits -= some;
  }
}

/**
 * The tokens whose symbols cost least: the cheapest way to each place, from the first to the last.
 *
 * @param {Buffer} bytes
 * @param {readonly Token[][]} matches
 * @param {Float64Array} prices
 */
function cheapestTokens(bytes, matches, prices) {
  const costs = new Float64Array(bytes.length + 1).fill(Infinity);
  /** @type {Token[]} how each place is reached */
  const tokens = [{ length: 0, distance: 0 }];
  const lastDistances = new Int32Array(bytes.length + 1);
  costs[0] = 0;
  for (let at = 0; at < bytes.length; at++) {
    const last = lastDistances[at];
    const attempt = (/** @type {Token} */ token) => {
      let cost = costs[at];
      const add = (/** @type {number} */ context, /** @type {number} */ symbol) => {
        cost += prices[SYMBOLS * context + symbol];
      };
      tellToken(add, bytes, at, token, tokens[at].distance > 0, last);
      const end = at + token.length;
      if (cost >= costs[end]) return;
      costs[end] = cost;
      tokens[end] = token;
      lastDistances[end] = token.distance || last;
    };
    const attemptParts = (
      /** @type {Token} */ { length, distance },
      /** @type {number} */ least,
    ) => {
      for (let part = least; part < Math.min(length, PARTS); part++) {
        attempt({ length: part, distance });
      }
      attempt({ length, distance });
      return length + 1;
    };
    attempt({ length: 1, distance: 0 });
    let least = 2;
    for (const match of matches[at]) least = attemptParts(match, least);
    least = 1;
    for (let delta = -CLOSE; delta <= CLOSE; delta++) {
      const distance = last + delta;
      if (last === 0 || distance < 1 || distance > Math.min(at, MOST_DISTANCE)) continue;
      const length = matchLength(bytes, at, distance);
      if (length >= least) least = attemptParts({ length, distance }, least);
    }
  }
  /** @type {Token[]} */
  const path = [];
  for (let end = bytes.length; end > 0; end -= tokens[end].length) path.push(tokens[end]);
  return path.reverse();
}

/** Of each place the nearest match, then those that are longer. @param {Buffer} bytes */
function matchesIn(bytes) {
  /** @type {Token[][]} */
  const matches = [];
  const latest = new Int32Array(1 << 16).fill(-1);
  const earlier = new Int32Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) {
    /** @type {Token[]} */
    const found = [];
    matches.push(found);
    if (at + 1 === bytes.length) break;
    const pair = bytes.readUInt16LE(at);
    let longest = 1;
    let place = latest[pair];
    for (let i = 0; i < MOST_PLACES && longest < MOST_LENGTH; i++, place = earlier[place]) {
      if (place < 0 || at - place > MOST_DISTANCE) break;
      if (bytes[place + longest] !== bytes[at + longest]) continue;
      const length = matchLength(bytes, at, at - place);
      if (length > longest) found.push({ length: (longest = length), distance: at - place });
    }
    earlier[at] = latest[pair];
    latest[pair] = at;
  }
  return matches;
}

/** @param {Buffer} bytes @param {number} at @param {number} distance */
function matchLength(bytes, at, distance) {
  const most = Math.min(MOST_LENGTH, bytes.length - at);
  let length = 0;
  while (length < most && bytes[at + length - distance] === bytes[at + length]) length++;
  return length;
}

class RangeCoder {
  #counts = new Uint8Array(SYMBOLS * CONTEXTS);
  /** Of base 64, the first one 0. @type {number[]} */
  #digits = [];
  /** Five digits that may still grow, by less than the range. */
  #low = 0;
  #range = 2 ** 24;

  /** @param {number} context @param {number} symbol */
  code(context, symbol) {
    for (; this.#range < 2 ** 24; this.#range *= 64) this.#pushDigit();
    const counts = this.#counts.subarray(SYMBOLS * context, SYMBOLS * (context + 1));
    const sum = (/** @type {Uint8Array} */ part) => part.reduce((a, b) => a + b, part.length);
    const share = Math.floor(this.#range / sum(counts));
    this.#low += share * sum(counts.subarray(0, symbol));
    this.#range = share * (counts[symbol] + 1);
    if (counts[symbol] > 255 - STEP) counts.set(counts.map((count) => count >> 1));
    counts[symbol] += STEP;
  }

  text() {
    for (let i = 0; i < 5; i++) this.#pushDigit();
    const digits = this.#digits.slice(1);
    return digits.map((digit) => DIGITS[digit]).join("");
  }

  #pushDigit() {
    const digit = Math.floor(this.#low / 2 ** 24);
    this.#low = (this.#low % 2 ** 24) * 64;
    this.#digits.push(digit % 64);
    let at = this.#digits.length - 1;
    for (let carry = digit > 63; carry; carry = this.#digits[at] === 0) {
      at--;
      this.#digits[at] = (this.#digits[at] + 1) % 64;
    }
  }
}
