/**
 * Greatest logit of a block, and where it stands first.
 *
 * Layout
 *   Eight accumulators cover the latency of pmax (one instruction; f32x4.max is eight).
 *   NaN is dropped here; it reaches the sum of exponentials instead, which makes the row NaN.
 */
import { loadPartial, maxLanes } from "./lanes";

/** Maximum of `length` ≥ 0 float32 at `ptr`; −∞ for none, or when all are NaN. */
export function blockMax(ptr: usize, length: i32): f32 {
  let a0 = f32x4.splat(-Infinity);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let a4 = a0;
  let a5 = a0;
  let a6 = a0;
  let a7 = a0;
  const end = ptr + ((<usize>length) << 2);
  const end32 = ptr + ((<usize>(length & ~31)) << 2);
  while (ptr < end32) {
    a0 = f32x4.pmax(a0, v128.load(ptr));
    a1 = f32x4.pmax(a1, v128.load(ptr, 16));
    a2 = f32x4.pmax(a2, v128.load(ptr, 32));
    a3 = f32x4.pmax(a3, v128.load(ptr, 48));
    a4 = f32x4.pmax(a4, v128.load(ptr, 64));
    a5 = f32x4.pmax(a5, v128.load(ptr, 80));
    a6 = f32x4.pmax(a6, v128.load(ptr, 96));
    a7 = f32x4.pmax(a7, v128.load(ptr, 112));
    ptr += 128;
  }
  while (ptr + 16 <= end) {
    a0 = f32x4.pmax(a0, v128.load(ptr));
    ptr += 16;
  }
  if (ptr < end) a1 = f32x4.pmax(a1, loadPartial(ptr, length & 3, -Infinity));
  a0 = f32x4.pmax(f32x4.pmax(a0, a1), f32x4.pmax(a2, a3));
  a4 = f32x4.pmax(f32x4.pmax(a4, a5), f32x4.pmax(a6, a7));
  return maxLanes(f32x4.pmax(a0, a4));
}

/** Index of the first of `length` float32 at `ptr` that equals `value`, or `length`. */
export function blockFind(ptr: usize, length: i32, value: f32): i32 {
  const wanted = f32x4.splat(value);
  const whole = length & ~3;
  let i = 0;
  for (const end = length & ~15; i < end; i += 16) {
    const at = ptr + ((<usize>i) << 2);
    const z01 = v128.or(f32x4.eq(v128.load(at), wanted), f32x4.eq(v128.load(at, 16), wanted));
    const z23 = v128.or(f32x4.eq(v128.load(at, 32), wanted), f32x4.eq(v128.load(at, 48), wanted));
    if (i32x4.bitmask(v128.or(z01, z23))) break;
  }
  for (; i < whole; i += 4) {
    const hits = i32x4.bitmask(f32x4.eq(v128.load(ptr + ((<usize>i) << 2)), wanted));
    if (hits) return i + ctz(hits);
  }
  for (; i < length; i++) {
    if (load<f32>(ptr + ((<usize>i) << 2)) == value) return i;
  }
  return length;
}

/** Whether any of `length` float32 at `ptr` is NaN. */
export function blockHasNaN(ptr: usize, length: i32): bool {
  for (let i = 0; i < length; i++) {
    const z = load<f32>(ptr + ((<usize>i) << 2));
    if (z != z) return true;
  }
  return false;
}
