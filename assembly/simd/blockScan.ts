/**
 * One visit of a block for what needs no exponential: the greatest and the least logit, and how many
 * stand above the target's.
 *
 * Layout
 *   Four vectors a step, joined before they meet the accumulators: few registers, short chains.
 *   NaN passes no comparison; it is met in the sum of exponentials.
 *   The last length mod 4 logits are filled up with the first of them, and counted by a mask.
 */
import { loadPartial, maxLanes } from "./lanes";

/** The least logit of the block; +∞ for none. */
export let scanMin: f32 = 0;
/** How many logits exceed the target's. */
export let scanAbove: i32 = 0;

/**
 * The greatest of `length` float32 at `ptr`, −∞ for none; sets scanMin and scanAbove. Beside NaN the
 * greatest and the least may be missed; the row is NaN then.
 */
export function blockScan(ptr: usize, length: i32, target: f32): f32 {
  const t = f32x4.splat(target);
  let most = f32x4.splat(-Infinity);
  let least = f32x4.splat(Infinity);
  let above_i32x4 = i32x4.splat(0);
  const end = ptr + ((<usize>length) << 2);
  const end16 = ptr + ((<usize>(length & ~15)) << 2);
  while (ptr < end16) {
    const z0 = v128.load(ptr);
    const z1 = v128.load(ptr, 16);
    const z2 = v128.load(ptr, 32);
    const z3 = v128.load(ptr, 48);
    most = f32x4.pmax(most, f32x4.pmax(f32x4.pmax(z0, z1), f32x4.pmax(z2, z3)));
    least = f32x4.pmin(least, f32x4.pmin(f32x4.pmin(z0, z1), f32x4.pmin(z2, z3)));
    const g01 = i32x4.add(f32x4.gt(z0, t), f32x4.gt(z1, t));
    const g23 = i32x4.add(f32x4.gt(z2, t), f32x4.gt(z3, t));
    above_i32x4 = i32x4.sub(above_i32x4, i32x4.add(g01, g23)); // a mask is −1
    ptr += 64;
  }
  while (ptr + 16 <= end) {
    const z = v128.load(ptr);
    most = f32x4.pmax(most, z);
    least = f32x4.pmin(least, z);
    above_i32x4 = i32x4.sub(above_i32x4, f32x4.gt(z, t));
    ptr += 16;
  }
  let above = i32x4.extract_lane(above_i32x4, 0) + i32x4.extract_lane(above_i32x4, 1);
  above += i32x4.extract_lane(above_i32x4, 2) + i32x4.extract_lane(above_i32x4, 3);
  if (ptr < end) {
    const lanes = length & 3;
    const z = loadPartial(ptr, lanes, load<f32>(ptr));
    most = f32x4.pmax(most, z);
    least = f32x4.pmin(least, z);
    above += popcnt(i32x4.bitmask(f32x4.gt(z, t)) & ((1 << lanes) - 1));
  }
  scanMin = -maxLanes(f32x4.neg(least));
  scanAbove = above;
  return maxLanes(most);
}

/** How many of `length` float32 at `ptr` equal `value`; none for length ≤ 0. */
export function blockCount(ptr: usize, length: i32, value: f32): i32 {
  const wanted = f32x4.splat(value);
  let count = 0;
  for (let i = 0; i < length; i += 4) {
    const lanes = min(4, length - i);
    const at = ptr + ((<usize>i) << 2);
    const z = lanes == 4 ? v128.load(at) : loadPartial(at, lanes, 0);
    count += popcnt(i32x4.bitmask(f32x4.eq(z, wanted)) & ((1 << lanes) - 1));
  }
  return count;
}
