// @ts-check
/**
 * The two builds as text that compresses well: one byte by byte, the other as what differs.
 *
 *   text   Letters stand for themselves, so that names compress with those in the code around them; the
 *          36 other bytes that are most frequent are a printable character each, and the rest one of
 *          two marks and a character. Bytes stay whole, so gzip sees what repeats; hexadecimal costs
 *          it a tenth, base64 a third.
 *   patch  Numbers of seven bits a byte, least first:  literals · their bytes · length of a copy · how
 *          far its start is from where the last one ended, 2d or −2d − 1. A copy of length 0 ends it.
 *
 * src/wasm/unpack.ts reads both.
 */

/** Printable and harmless in any quotes and in HTML. */
const ALPHABET = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter(
  (character) => !'"\\`$<'.includes(character),
);
const isLetter = (/** @type {string} */ character) => /[A-Za-z]/.test(character);
/** Two marks, then the characters of frequent bytes. */
const OTHERS = ALPHABET.filter((character) => !isLetter(character));
const FREQUENT = [
  ...Array(20).keys(),
  127,
  229,
  23,
  27,
  32,
  33,
  34,
  64,
  35,
  128,
  133,
  162,
  160,
  230,
  253,
  255,
];

/** What stands for each byte. */
const CODES = codesOfBytes();

/** Shorter matches cost more than they save; longer chains take longer. */
const LEAST_MATCH = 7;
const KEY_BYTES = 4;

function codesOfBytes() {
  /** @type {string[]} */
  const codes = [];
  let rest = 0;
  for (let byte = 0; byte < 256; byte++) {
    const own = String.fromCharCode(byte);
    const at = FREQUENT.indexOf(byte);
    if (isLetter(own)) codes.push(own);
    else if (at >= 0) codes.push(OTHERS[at + 2]);
    else codes.push(OTHERS[rest & 1] + ALPHABET[rest++ >> 1]);
  }
  return codes;
}

/** @param {Iterable<number>} bytes */
export function textOf(bytes) {
  let text = "";
  for (const byte of bytes) text += CODES[byte];
  return text;
}

/**
 * What makes `target` of `source`.
 *
 * @param {Buffer} source
 * @param {Buffer} target
 */
export function patchOf(source, target) {
  const places = placesIn(source);
  /** @type {number[]} */
  const patch = [];
  /** @type {number[]} */
  let literals = [];
  let end = 0;
  let at = 0;
  const close = (/** @type {number} */ length, /** @type {number} */ distance) => {
    pushNumber(patch, literals.length);
    patch.push(...literals);
    pushNumber(patch, length);
    pushNumber(patch, distance < 0 ? -2 * distance - 1 : 2 * distance);
    literals = [];
  };
  while (at < target.length) {
    const { from, length } = longestMatch(source, target, at, end, places);
    if (length === 0) {
      literals.push(target[at++]);
      end++;
      continue;
    }
    close(length, from - end);
    at += length;
    end = from + length;
  }
  close(0, 0);
  return patch;
}

/** @param {Buffer} source */
function placesIn(source) {
  /** @type {Map<number, number[]>} */
  const places = new Map();
  for (let i = 0; i + KEY_BYTES <= source.length; i++) {
    const key = source.readInt32LE(i);
    const known = places.get(key);
    if (known) known.push(i);
    else places.set(key, [i]);
  }
  return places;
}

/**
 * The match at `at` that saves most: one that begins near `end` has a short distance.
 *
 * @param {Buffer} source
 * @param {Buffer} target
 * @param {number} at
 * @param {number} end
 * @param {Map<number, number[]>} places
 */
function longestMatch(source, target, at, end, places) {
  let best = { from: 0, length: 0, saved: LEAST_MATCH - 1 };
  if (at + KEY_BYTES > target.length) return best;
  for (const from of places.get(target.readInt32LE(at)) ?? []) {
    let length = 0;
    while (at + length < target.length && source[from + length] === target[at + length]) length++;
    const distance = Math.abs(from - end);
    const saved = length - (distance < 32 ? 0 : distance < 4096 ? 2 : 3);
    if (saved > best.saved) best = { from, length, saved };
  }
  return best;
}

/** @param {number[]} out @param {number} value */
function pushNumber(out, value) {
  for (; value > 127; value = Math.floor(value / 128)) out.push((value & 127) | 128);
  out.push(value);
}
