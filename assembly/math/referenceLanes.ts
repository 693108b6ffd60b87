/**
 * References of four rows at once, one a lane: k, and from it `low` and `magic` of exp.ts, and the
 * offset of rows with |m| > 2000; as reference.ts has them for one row.
 */

// prettier-ignore
const LANES = memory.data<f32>([
  2000, 2000, 2000, 2000, //                                  largest |m| with a shift (reference.ts)
  0.72134752, 0.72134752, 0.72134752, 0.72134752, //          log2(e) / 2
  12583039, 12583039, 12583039, 12583039, //                  1.5 · 2^23 + 127
  127, 127, 127, 127,
  0.6931472, 0.6931472, 0.6931472, 0.6931472, //              ln 2
  -Infinity, -Infinity, -Infinity, -Infinity,
], 16);

/** Lanes whose reference is m itself: |m| > 2000. */
// @ts-ignore: decorator
@inline
export function isFar(m: v128): v128 {
  return f32x4.gt(f32x4.abs(m), v128.load(LANES));
}

/** k of each lane: even, 0 where |m| > 2000 (reference.ts). */
// @ts-ignore: decorator
@inline
export function shiftLanes(m: v128): v128 {
  const near = f32x4.le(f32x4.abs(m), v128.load(LANES));
  const half = f32x4.floor(f32x4.mul(m, v128.load(LANES, 16)));
  return v128.and(f32x4.add(half, half), near);
}

/** `magic` of each lane: 1.5 · 2^23 + 127 − k. */
// @ts-ignore: decorator
@inline
export function magicLanes(k: v128): v128 {
  return f32x4.sub(v128.load(LANES, 32), k);
}

/** `low` of each lane: (k − 127) · ln 2. */
// @ts-ignore: decorator
@inline
export function lowLanes(k: v128): v128 {
  return f32x4.mul(f32x4.sub(k, v128.load(LANES, 48)), v128.load(LANES, 64));
}

/** What is subtracted from each lane's logits: m where |m| > 2000, else 0; 0 for −∞. */
// @ts-ignore: decorator
@inline
export function offsetLanes(m: v128): v128 {
  return v128.and(m, v128.and(isFar(m), f32x4.gt(m, v128.load(LANES, 80))));
}
