/**
 * Four-lane building blocks: multiply-add, partial loads and stores, joins of lanes.
 *
 * Layout
 *   A vector holds 4 consecutive float32. A row whose length is no multiple of 4 ends in a
 *   partial vector of 1 to 3 lanes; nothing past the row is ever read or written.
 */

/**
 * a·b + c. Fused (one rounding) in the `fma` build, two roundings in the `strict` build.
 * The host loads the `fma` build only after a probe has shown that the product is not rounded.
 */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    return f32x4.relaxed_madd(a, b, c);
  } else {
    return f32x4.add(f32x4.mul(a, b), c);
  }
}

/** c − a·b, fused or not as {@link madd}. */
// @ts-ignore: decorator
@inline
export function nmadd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    return f32x4.relaxed_nmadd(a, b, c);
  } else {
    return f32x4.sub(c, f32x4.mul(a, b));
  }
}

/** Loads `lanes` (1 to 3) float32 from `ptr`; the lanes above hold `fill`. */
// @ts-ignore: decorator
@inline
export function loadPartial(ptr: usize, lanes: i32, fill: f32): v128 {
  let x = f32x4.replace_lane(f32x4.splat(fill), 0, load<f32>(ptr));
  if (lanes > 1) x = f32x4.replace_lane(x, 1, load<f32>(ptr, 4));
  if (lanes > 2) x = f32x4.replace_lane(x, 2, load<f32>(ptr, 8));
  return x;
}

/** Stores the lowest `lanes` (1 to 3) float32 of `x` at `ptr`. */
// @ts-ignore: decorator
@inline
export function storePartial(ptr: usize, x: v128, lanes: i32): void {
  v128.store_lane<f32>(ptr, x, 0);
  if (lanes > 1) v128.store_lane<f32>(ptr, x, 1, 4);
  if (lanes > 2) v128.store_lane<f32>(ptr, x, 2, 8);
}

/** The same as functions, for what a row or a block has once at its end. */
export function loadTail(ptr: usize, lanes: i32, fill: f32): v128 {
  return loadPartial(ptr, lanes, fill);
}

export function storeTail(ptr: usize, x: v128, lanes: i32): void {
  storePartial(ptr, x, lanes);
}

/** Sum of the lanes in the fixed order (0 + 2) + (1 + 3). */
// @ts-ignore: decorator
@inline
export function sumLanes(x: v128): f32 {
  const y = f32x4.add(x, i32x4.shuffle(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(y, 0) + f32x4.extract_lane(y, 1);
}

/** The greatest lane; a NaN lane loses against a number. */
// @ts-ignore: decorator
@inline
export function maxLanes(x: v128): f32 {
  const y = f32x4.pmax(x, i32x4.shuffle(x, x, 2, 3, 0, 1));
  const z = f32x4.pmax(y, i32x4.shuffle(y, y, 1, 0, 3, 2));
  return f32x4.extract_lane(z, 0);
}

/** A float64 sum of two lanes plus the four float32 lanes of x: lanes 0 and 1, then 2 and 3. */
// @ts-ignore: decorator
@inline
export function addLanes(sum: v128, x: v128): v128 {
  const low = f64x2.add(sum, f64x2.promote_low_f32x4(x));
  return f64x2.add(low, f64x2.promote_low_f32x4(i32x4.shuffle(x, x, 2, 3, 2, 3)));
}

/** Lanes 0 and 1 as float64. */
// @ts-ignore: decorator
@inline
export function lowDoubles(a: v128): v128 {
  return f64x2.promote_low_f32x4(a);
}

/** Lanes 2 and 3 where 0 and 1 are. */
// @ts-ignore: decorator
@inline
export function highLanes(a: v128): v128 {
  return i32x4.shuffle(a, a, 2, 3, 2, 3);
}

/** Lanes 2 and 3 as float64. */
// @ts-ignore: decorator
@inline
export function highDoubles(a: v128): v128 {
  return f64x2.promote_low_f32x4(highLanes(a));
}

/** Four float64 in two vectors as one vector of float32. */
// @ts-ignore: decorator
@inline
export function joinDoubles(a: v128, b: v128): v128 {
  return lowHalves(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b));
}

/** Of four pairs in two vectors the first of each, and the second. */
// @ts-ignore: decorator
@inline
export function firstOfPairs(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline
export function secondOfPairs(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 1, 3, 5, 7);
}

/** The pairs of their lanes 0 and 1, and of their lanes 2 and 3. */
// @ts-ignore: decorator
@inline
export function lowPairs(first: v128, second: v128): v128 {
  return i32x4.shuffle(first, second, 0, 4, 1, 5);
}

// @ts-ignore: decorator
@inline
export function highPairs(first: v128, second: v128): v128 {
  return i32x4.shuffle(first, second, 2, 6, 3, 7);
}

/** Lanes 0 and 1 of both, and lanes 2 and 3 of both. */
// @ts-ignore: decorator
@inline
export function lowHalves(first: v128, second: v128): v128 {
  return i32x4.shuffle(first, second, 0, 1, 4, 5);
}

// @ts-ignore: decorator
@inline
export function highHalves(first: v128, second: v128): v128 {
  return i32x4.shuffle(first, second, 2, 3, 6, 7);
}

/** Sums of the lanes of four vectors, each in the order (0 + 2) + (1 + 3). */
// @ts-ignore: decorator
@inline
export function joinSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(lowPairs(a, b), highPairs(a, b));
  const cd = f32x4.add(lowPairs(c, d), highPairs(c, d));
  return f32x4.add(lowHalves(ab, cd), highHalves(ab, cd));
}

/** Stores the first `count` of four float64 in two vectors. */
// @ts-ignore: decorator
@inline
export function storeDoubles(ptr: usize, low: v128, high: v128, count: i32): void {
  if (count > 1) v128.store(ptr, low);
  else v128.store_lane<f64>(ptr, low, 0);
  if (count > 3) v128.store(ptr, high, 16);
  else if (count > 2) v128.store_lane<f64>(ptr, high, 0, 16);
}
