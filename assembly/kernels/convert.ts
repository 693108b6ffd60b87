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
 *   Each constant stands four times in a table and is loaded into a local before the loop, as in
 *   math/exp.ts.
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
], 16);

export function bfloat16ToFloat32(srcPtr: usize, outPtr: usize, length: i32): void {
  const whole = length & ~3;
  for (let i = 0; i < whole; i += 4) {
    const bits = i32x4.shl(v128.load16x4_u(srcPtr + ((<usize>i) << 1)), 16);
    v128.store(outPtr + ((<usize>i) << 2), bits);
  }
  for (let i = whole; i < length; i++) {
    store<u32>(outPtr + ((<usize>i) << 2), (<u32>load<u16>(srcPtr + ((<usize>i) << 1))) << 16);
  }
}

export function float16ToFloat32(srcPtr: usize, outPtr: usize, length: i32): void {
  const magnitude = v128.load(TABLE);
  const subnormal = v128.load(TABLE, 16);
  const bias = v128.load(TABLE, 32);
  const unbias = v128.load(TABLE, 48);
  const unit = v128.load(TABLE, 64);
  const end = outPtr + ((<usize>length) << 2);
  while (outPtr + 32 <= end) {
    const half0 = v128.load16x4_u(srcPtr);
    const half1 = v128.load16x4_u(srcPtr, 8);
    v128.store(outPtr, expand(half0, magnitude, subnormal, bias, unbias, unit));
    v128.store(outPtr, expand(half1, magnitude, subnormal, bias, unbias, unit), 16);
    srcPtr += 16;
    outPtr += 32;
  }
  if (outPtr + 16 <= end) {
    const half = v128.load16x4_u(srcPtr);
    v128.store(outPtr, expand(half, magnitude, subnormal, bias, unbias, unit));
    srcPtr += 8;
    outPtr += 16;
  }
  if (outPtr < end) {
    const lanes = length & 3;
    let half = i32x4.replace_lane(i32x4.splat(0), 0, load<u16>(srcPtr));
    if (lanes > 1) half = i32x4.replace_lane(half, 1, load<u16>(srcPtr, 2));
    if (lanes > 2) half = i32x4.replace_lane(half, 2, load<u16>(srcPtr, 4));
    storePartial(outPtr, expand(half, magnitude, subnormal, bias, unbias, unit), lanes);
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
