/**
 * float16 and bfloat16 to float32, exactly.
 *
 * Mathematics
 *   bfloat16 is the upper half of a float32: bits << 16.
 *   float16, magnitude h = bits & 0x7fff:
 *     h ≥ 0x0400   ((h << 13) + (224 << 23)) · 2^−112   the exponent of ±∞ and NaN becomes 255,
 *                                                       which the exact product keeps
 *     otherwise    h · 2^−24                            subnormal, computed from the integer
 *
 * Stability
 *   No subnormal float32 is an operand, so no processor takes its slow path.
 *
 * Layout
 *   256 float16 at a time: where none is 0, subnormal, ±∞ or NaN, moving the exponent is an integer
 *   sum, bits 13 places up + (112 << 23), in about half the time. Each constant stands four times in a
 *   table and is loaded into a local before the loop, as in math/exp.ts.
 *
 * Domain     srcPtr aligned to 2, outPtr to 4; the source may be the upper half of the output, since
 *            each vector is read before the place it widens into is written
 */
import { storePartial } from "../simd/lanes";

// prettier-ignore
const TABLE = memory.data<i32>([
  0x7fff, 0x7fff, 0x7fff, 0x7fff, //                         magnitude of a float16
  0x03ff, 0x03ff, 0x03ff, 0x03ff, //                         the greatest subnormal one
  0x70000000, 0x70000000, 0x70000000, 0x70000000, //         224 << 23
  0x07800000, 0x07800000, 0x07800000, 0x07800000, //         2^−112 as float32
  0x33800000, 0x33800000, 0x33800000, 0x33800000, //         2^−24 as float32
  0x7c007c00, 0x7c007c00, 0x7c007c00, 0x7c007c00, //         exponent of a float16
  0x8fffffff, 0x8fffffff, 0x8fffffff, 0x8fffffff, //         sign, exponent and fraction, 13 places up
  0x38000000, 0x38000000, 0x38000000, 0x38000000, //         112 << 23
], 16);

/** Bytes of float16 that are looked at together. */
// @ts-ignore: decorator
@inline
const GROUP_BYTES: usize = 512;

export function bfloat16ToFloat32(srcPtr: usize, outPtr: usize, length: i32): void {
  const end = srcPtr + ((<usize>length) << 1);
  for (; srcPtr + 16 <= end; srcPtr += 16) {
    const bits = v128.load(srcPtr);
    v128.store(outPtr, lowHalves(bits));
    v128.store(outPtr, highHalves(bits), 16);
    outPtr += 32;
  }
  for (; srcPtr < end; srcPtr += 2) {
    store<u32>(outPtr, (<u32>load<u16>(srcPtr)) << 16);
    outPtr += 4;
  }
}

export function float16ToFloat32(srcPtr: usize, outPtr: usize, length: i32): void {
  const kept = v128.load(TABLE, 96);
  const bias = v128.load(TABLE, 112);
  let end = srcPtr + (((<usize>length) << 1) & ~(GROUP_BYTES - 1));
  while (srcPtr < end) {
    if (!allNormal(srcPtr)) {
      anyFloat16(srcPtr, outPtr, <i32>(GROUP_BYTES >> 1));
      srcPtr += GROUP_BYTES;
      outPtr += 2 * GROUP_BYTES;
      continue;
    }
    const pause = srcPtr + GROUP_BYTES;
    for (; srcPtr < pause; srcPtr += 16) {
      const bits = v128.load(srcPtr);
      v128.store(outPtr, moved(lowHalves(bits), kept, bias));
      v128.store(outPtr, moved(highHalves(bits), kept, bias), 16);
      outPtr += 32;
    }
  }
  anyFloat16(srcPtr, outPtr, length & (<i32>((GROUP_BYTES >> 1) - 1)));
}

/** Whether the group at `ptr` holds normal float16 only: exponents neither 0 nor 31. */
// @ts-ignore: decorator
@inline
function allNormal(ptr: usize): bool {
  const field = v128.load(TABLE, 80);
  let least = field;
  let most = i16x8.splat(0);
  const end = ptr + GROUP_BYTES;
  for (; ptr < end; ptr += 64) {
    const e0 = v128.and(v128.load(ptr), field);
    const e1 = v128.and(v128.load(ptr, 16), field);
    const e2 = v128.and(v128.load(ptr, 32), field);
    const e3 = v128.and(v128.load(ptr, 48), field);
    least = i16x8.min_s(least, i16x8.min_s(i16x8.min_s(e0, e1), i16x8.min_s(e2, e3)));
    most = i16x8.max_s(most, i16x8.max_s(i16x8.max_s(e0, e1), i16x8.max_s(e2, e3)));
  }
  const none = i16x8.eq(least, i16x8.splat(0));
  return !v128.any_true(v128.or(none, i16x8.eq(most, field)));
}

/** Four normal float16 in the upper halves of int32 lanes as float32. */
// @ts-ignore: decorator
@inline
function moved(upper: v128, kept: v128, bias: v128): v128 {
  return i32x4.add(v128.and(i32x4.shr_s(upper, 3), kept), bias);
}

/** Halves 0 to 3 in the upper halves of int32 lanes. */
// @ts-ignore: decorator
@inline
function lowHalves(bits: v128): v128 {
  return i16x8.shuffle(i16x8.splat(0), bits, 0, 8, 1, 9, 2, 10, 3, 11);
}

/** Halves 4 to 7 there. */
// @ts-ignore: decorator
@inline
function highHalves(bits: v128): v128 {
  return i16x8.shuffle(i16x8.splat(0), bits, 4, 12, 5, 13, 6, 14, 7, 15);
}

/** Any float16, four at a time. */
function anyFloat16(srcPtr: usize, outPtr: usize, length: i32): void {
  const magnitude = v128.load(TABLE);
  const subnormal = v128.load(TABLE, 16);
  const bias = v128.load(TABLE, 32);
  const unbias = v128.load(TABLE, 48);
  const unit = v128.load(TABLE, 64);
  for (; length >= 8; length -= 8) {
    const half0 = v128.load16x4_u(srcPtr);
    const half1 = v128.load16x4_u(srcPtr, 8);
    v128.store(outPtr, expand(half0, magnitude, subnormal, bias, unbias, unit));
    v128.store(outPtr, expand(half1, magnitude, subnormal, bias, unbias, unit), 16);
    srcPtr += 16;
    outPtr += 32;
  }
  if (length >= 4) {
    const half = v128.load16x4_u(srcPtr);
    v128.store(outPtr, expand(half, magnitude, subnormal, bias, unbias, unit));
    srcPtr += 8;
    outPtr += 16;
    length -= 4;
  }
  if (length > 0) {
    let half = i32x4.replace_lane(i32x4.splat(0), 0, load<u16>(srcPtr));
    if (length > 1) half = i32x4.replace_lane(half, 1, load<u16>(srcPtr, 2));
    if (length > 2) half = i32x4.replace_lane(half, 2, load<u16>(srcPtr, 4));
    storePartial(outPtr, expand(half, magnitude, subnormal, bias, unbias, unit), length);
  }
}

/** Four float16 in int32 lanes as float32. */
// prettier-ignore
// @ts-ignore: decorator
@inline
function expand(
  half: v128, magnitude: v128, subnormal: v128, bias: v128, unbias: v128, unit: v128,
): v128 {
  const h = v128.and(half, magnitude);
  const sign = i32x4.shl(v128.xor(half, h), 16);
  const normal = f32x4.mul(i32x4.add(i32x4.shl(h, 13), bias), unbias);
  const tiny = f32x4.mul(f32x4.convert_i32x4_s(h), unit);
  const bits = v128.bitselect(normal, tiny, i32x4.gt_s(h, subnormal));
  return v128.or(bits, sign);
}
