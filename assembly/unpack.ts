/**
 * Unpacks the builds that travel inline: a module of its own, because wasm is fast from its first
 * round. scripts/packModule.mjs packs them.
 *
 * Mathematics
 *   The text is one number in base 64; a character c is the digit ⌊3c / 4⌋ mod 64. A symbol is one of
 *   16. Each has the share of the range that is left which its context's counts n give it; the one whose
 *   share holds the number is meant, and its share is the range that is left:
 *     u = ⌊range / Σ (n + 1)⌋,   symbol k  ↔  u · Σ_{i<k} (n_i + 1) ≤ code < u · Σ_{i≤k} (n_i + 1)
 *   The count of a symbol that was met grows by STEP; before it would pass 255, all are halved.
 *
 * Layout
 *   A token begins with its head, which depends on the byte before and on what the last token was:
 *     0 a byte, as two symbols that depend on the two bytes before;
 *     1…7 a copy from a distance close to the last one, of 1…6 bytes, or 7 and more;
 *     8…15 a copy from a distance of its own, of 2…8 bytes, or 9 and more.
 *   A number is its length in bits without the first, then these by fours.
 *   Contexts are 16 counts of a byte, all 0 at first; then a space, and what is unpacked.
 *
 * Domain     distances below 2^16; the memory is new and has room for all behind OUTPUT
 */

const HEAD: usize = 0;
const DELTA: usize = 2 << 8;
const LENGTH: usize = 3 << 8;
const DISTANCE: usize = 5 << 8;
const BYTE: usize = 1 << 13;
const OUTPUT: usize = BYTE + (1 << 17) + 64;

/** What a symbol's count grows by. */
const STEP: u8 = 5;

let text: usize;
let range: u32 = 1;
let code: u32;

/** Unpacks `bytes` bytes of the text and returns where they begin. */
export function unpack(textPtr: usize, bytes: usize): usize {
  text = textPtr;
  let copied: usize = 0;
  let distance: usize = 0;
  const end = OUTPUT + bytes;
  for (let at = OUTPUT; at < end;) {
    const before: usize = load<u8>(at - 1);
    const head = symbol(HEAD + (copied << 8) + (before & 0xf0));
    if (head) {
      let length = head;
      if (head < 8) {
        const delta = symbol(DELTA);
        distance += delta & 1 ? (delta + 1) >> 1 : -(delta >> 1);
        if (head == 7) length = number(LENGTH) + 6;
      } else {
        length = head == 15 ? number(LENGTH) + 8 : head - 6;
        distance = number(DISTANCE);
      }
      for (; length; length--) store<u8>(at, load<u8>(at++ - distance));
      copied = 1;
    } else {
      const context = BYTE + (((before & 0xf8) | (load<u8>(at - 2) >> 5)) << 9);
      const high = symbol(context) << 4;
      store<u8>(at++, <u8>(high | symbol(context + 16 + high)));
      copied = 0;
    }
  }
  return OUTPUT;
}

/** A number from 1. */
function number(context: usize): usize {
  let bits = symbol(context);
  let value: usize = 1;
  while (bits) {
    const some = min<usize>(bits, 4);
    value = (value << some) | symbol(context + (bits << 4));
    bits -= some;
  }
  return value;
}

/** The next symbol, by the counts at `context`. */
function symbol(context: usize): usize {
  while (range < 1 << 24) {
    range <<= 6;
    code = (code << 6) | (((<u32>load<u8>(text++) * 3) >> 2) & 63);
  }
  const counts = v128.load(context);
  const sums = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(counts));
  const pair = i64x2.add(sums, i64x2.shr_u(sums, 32));
  const total = <u32>(i64x2.extract_lane(pair, 0) + i64x2.extract_lane(pair, 1)) + 16;
  const share = range / total;
  let own = context;
  for (; ; own++) {
    range = (<u32>load<u8>(own) + 1) * share;
    if (code < range) break;
    code -= range;
  }
  if (load<u8>(own) > 255 - STEP) v128.store(context, i8x16.shr_u(counts, 1));
  store<u8>(own, load<u8>(own) + STEP);
  return own - context;
}
