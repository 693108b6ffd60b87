/**
 * The inlined builds as bytes. They travel as text that compresses well: `strict` byte by byte, `fma`
 * as a patch of it. scripts/packModule.mjs writes both and says how they are read.
 */
import type { Numerics } from "../types.js";
import { PATCH, STRICT } from "./inline.generated.js";

/** Bytes of a character that is no letter, in the order of the characters behind the two marks. */
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

export function unpack(numerics: Numerics): Uint8Array<ArrayBuffer> {
  const strict = bytesOf(STRICT);
  return numerics === "strict" ? strict : patched(strict, bytesOf(PATCH));
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const single: number[] = []; // byte of a character; −1 and −2 for the marks
  const rank: number[] = []; // place of a character in the alphabet
  const rest: number[] = []; // bytes of two characters
  let others = 0;
  let size = 0;
  for (let code = 32; code < 127; code++) {
    const character = String.fromCharCode(code);
    if ('"\\`$<'.includes(character)) continue;
    rank[code] = size++;
    if (/[A-Za-z]/.test(character)) single[code] = code;
    else {
      single[code] = others < 2 ? -1 - others : FREQUENT[others - 2]!;
      others++;
    }
  }
  for (let byte = 0; byte < 256; byte++) if (!single.includes(byte)) rest.push(byte);
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const value = single[text.charCodeAt(i)]!;
    bytes[length++] = value < 0 ? rest[2 * rank[text.charCodeAt(++i)]! - 1 - value]! : value;
  }
  return bytes.slice(0, length);
}

function patched(source: Uint8Array, patch: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  let at = 0;
  let end = 0;
  const number = (): number => {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = patch[at++]!;
      value += (byte & 127) * unit;
      if (byte < 128) return value;
    }
  };
  for (;;) {
    for (let count = number(); count > 0; count--, end++) bytes.push(patch[at++]!);
    const length = number();
    const distance = number();
    end += distance & 1 ? -(distance + 1) / 2 : distance / 2;
    if (length === 0) return Uint8Array.from(bytes);
    for (const stop = end + length; end < stop; end++) bytes.push(source[end]!);
  }
}
