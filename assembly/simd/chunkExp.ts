/**
 * Exponentials of a run of logits under one even k:  e^z · 2^−k, where −64 ≤ n − k ≤ 63 for every logit
 * (n of exp.ts).
 *
 * Layout
 *   expShared tries the k of the last run and checks it on the way; expOwn looks at the logits first.
 *   expShared works in two short loops, as reducedBlock.ts says: it puts t where e will be, and s behind
 *   that, so that one pointer serves both. What is left at the end passes through a padded step.
 */
// prettier-ignore
import { C0, C1, C2, C3, C4, C5, LN2_HI, LN2_LO, LOG2E, MAGIC0, expConstant, expOf, expRest, expScale, expScaled } from "../math/exp";
import { lowOf, magicOf } from "../math/reference";
import { loadPartial, madd, maxLanes } from "./lanes";

/** −(n − k) at least, and the bits that a difference to the least has outside. */
// @ts-ignore: decorator
@inline
const LEAST: i32 = 64;
// @ts-ignore: decorator
@inline
const OUTSIDE: i32 = ~127;

/** Largest |k| that is tried: |z| stays below 2000. */
// @ts-ignore: decorator
@inline
const K_LIMIT: i32 = 2800;

/** k of the last run. It decides how fast the next one is, never its bits. */
let lastK: f32 = 0;

/** Bytes from t and e to s. */
// @ts-ignore: decorator
@inline
const APART: usize = 6400;

/**
 * e of `count` ≤ 1024 logits for the last k, or false where a logit does not pass. Writes up to fifteen
 * numbers more at ePtr, and as many behind it as APART says; padPtr: 64 bytes.
 */
export function expShared(zPtr: usize, ePtr: usize, count: i32, padPtr: usize): bool {
  if (!reduceShared(zPtr, ePtr, count, padPtr)) return false;
  const c0 = expConstant(C0);
  const c1 = expConstant(C1);
  const c2 = expConstant(C2);
  const c3 = expConstant(C3);
  const c4 = expConstant(C4);
  const c5 = expConstant(C5);
  for (const end = ePtr + ((<usize>count) << 2); ePtr < end; ePtr += 64) {
    const e0 = expScaled(v128.load(ePtr), v128.load(ePtr, APART), c0, c1, c2, c3, c4, c5);
    const e1 = expScaled(v128.load(ePtr, 16), v128.load(ePtr, APART + 16), c0, c1, c2, c3, c4, c5);
    v128.store(ePtr, e0);
    v128.store(ePtr, e1, 16);
    const e2 = expScaled(v128.load(ePtr, 32), v128.load(ePtr, APART + 32), c0, c1, c2, c3, c4, c5);
    const e3 = expScaled(v128.load(ePtr, 48), v128.load(ePtr, APART + 48), c0, c1, c2, c3, c4, c5);
    v128.store(ePtr, e2, 32);
    v128.store(ePtr, e3, 48);
  }
  return true;
}

/** Puts t at tPtr and s behind it for the last k; whether every logit passes. */
function reduceShared(zPtr: usize, tPtr: usize, count: i32, padPtr: usize): bool {
  const magic = magicOf(lastK);
  const least = i32x4.sub(expConstant(MAGIC0), i32x4.splat(LEAST));
  const log2e = expConstant(LOG2E);
  const hi = expConstant(LN2_HI);
  const lo = expConstant(LN2_LO);
  let seen = i32x4.splat(0);
  let bytes = (<usize>count) << 2;
  let end = zPtr + (bytes & ~63);
  while (true) {
    for (; zPtr < end; zPtr += 64) {
      const z0 = v128.load(zPtr);
      const z1 = v128.load(zPtr, 16);
      const biased0 = madd(z0, log2e, magic);
      const biased1 = madd(z1, log2e, magic);
      v128.store(tPtr, expRest(z0, biased0, magic, hi, lo));
      v128.store(tPtr, expRest(z1, biased1, magic, hi, lo), 16);
      v128.store(tPtr, expScale(biased0), APART);
      v128.store(tPtr, expScale(biased1), APART + 16);
      seen = v128.or(seen, v128.or(i32x4.sub(biased0, least), i32x4.sub(biased1, least)));
      const z2 = v128.load(zPtr, 32);
      const z3 = v128.load(zPtr, 48);
      const biased2 = madd(z2, log2e, magic);
      const biased3 = madd(z3, log2e, magic);
      v128.store(tPtr, expRest(z2, biased2, magic, hi, lo), 32);
      v128.store(tPtr, expRest(z3, biased3, magic, hi, lo), 48);
      v128.store(tPtr, expScale(biased2), APART + 32);
      v128.store(tPtr, expScale(biased3), APART + 48);
      seen = v128.or(seen, v128.or(i32x4.sub(biased2, least), i32x4.sub(biased3, least)));
      tPtr += 64;
    }
    bytes &= 63;
    if (!bytes) break;
    // A copy sooner made than a call of the host; the rest of the step takes the first logit again.
    const first = v128.load32_splat(zPtr);
    for (let at: usize = 0; at < 64; at += 16) v128.store(padPtr + at, first);
    for (; bytes; bytes -= 4) store<u32>(padPtr + bytes - 4, load<u32>(zPtr + bytes - 4));
    zPtr = padPtr;
    end = padPtr + 64;
  }
  return i32x4.bitmask(i32x4.eq(v128.and(seen, i32x4.splat(OUTSIDE)), i32x4.splat(0))) == 15;
}

/** e for a k that suits all `count` logits but −∞, whose e is 0; false where there is none. */
export function expOwn(zPtr: usize, ePtr: usize, count: i32): bool {
  const none = f32x4.splat(-Infinity);
  const all = f32x4.splat(Infinity);
  const end = zPtr + ((<usize>count) << 2);
  let high = none;
  let low = all;
  for (let p = zPtr; p < end; p += 16) {
    const z = loadUpTo(p, end);
    high = f32x4.pmax(high, z);
    low = f32x4.pmin(low, v128.bitselect(all, z, f32x4.eq(z, none)));
  }
  const most = maxLanes(high);
  const least = -maxLanes(f32x4.neg(low));
  if (!(abs(most) <= 2000 && abs(least) <= 2000)) return false;
  const nMost = exponentOf(most);
  const nLeast = exponentOf(least);
  const k = max((nMost + nLeast) >> 1, nMost - 62) & ~1;
  if (nLeast < k - LEAST) return false;
  const own = <f32>k;
  if (abs(k) <= K_LIMIT) lastK = own;
  const magic = magicOf(own);
  const clamp = lowOf(own);
  for (; zPtr < end; zPtr += 16) {
    const z = loadUpTo(zPtr, end);
    v128.store(ePtr, expOf(z, clamp, magic));
    ePtr += 16;
  }
  return true;
}

/** n of exp.ts. */
function exponentOf(z: f32): i32 {
  const magic = expConstant(MAGIC0);
  const biased = madd(f32x4.splat(z), expConstant(LOG2E), magic);
  return i32x4.extract_lane(i32x4.sub(biased, magic), 0);
}

/** Four logits; −∞ from `end` on. */
export function loadUpTo(ptr: usize, end: usize): v128 {
  return ptr + 16 <= end ? v128.load(ptr) : loadPartial(ptr, <i32>((end - ptr) >> 2), -Infinity);
}
