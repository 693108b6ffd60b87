/**
 * What label smoothing adds to crossEntropyShort.ts, where it takes at most half of the target's share:
 *
 *   loss = (1 − ε) · (lse − z_y) + (ε / C) · Σ_c (lse − z_c) = (lse − z_y) + (ε / C) · Σ_c (z_y − z_c)
 *   ∂/∂z_j · scale = A · e_j / Σ − A · ε / C,   A · (ε − ε / C) − A · rest / Σ at the target
 *
 * Stability
 *   The sum may be negative. The loss is at least (1 − ε) · (lse − z_y), and the sum's share at most
 *   ε / (1 − ε) of that, so for ε ≤ ½ nothing cancels to speak of.
 *   z_c = −∞ beside a finite z_y gives +∞, as the formula has it.
 */
import { madd, sumLanes } from "../simd/lanes";
import { EXPS, FACTORS } from "./shortExps";
import { EXTRAS } from "./shortRows";
import { lastVector, storeLast } from "./shortSums";

/** Offset of −A · ε / C of each row. */
// @ts-ignore: decorator
@inline
export const SHIFTS: usize = EXTRAS;

/** Loss of each row plus share · Σ_c (z_y − z_c); an ignored row has y = 0 here. */
export function smoothLosses(
  zPtr: usize,
  rows: i32,
  classes: i32,
  targetsPtr: usize,
  share: f64,
  lossPtr: usize,
): void {
  const mask = lastVector(classes);
  const step = (<usize>classes) << 2;
  for (; rows > 0; rows--) {
    const target = v128.load32_splat(zPtr + ((<usize>max(0, load<i32>(targetsPtr))) << 2));
    zPtr += step;
    // The last vector overlaps the one before it, or another row.
    let sum = v128.and(f32x4.sub(target, v128.load(zPtr - 16)), mask);
    for (let p = zPtr - step; p < zPtr - 16; p += 16) {
      sum = f32x4.add(sum, f32x4.sub(target, v128.load(p)));
    }
    store<f64>(lossPtr, load<f64>(lossPtr) + share * <f64>sumLanes(sum));
    targetsPtr += 4;
    lossPtr += 8;
  }
}

/** out = e · factor − B, each row with its own of FACTORS and, negative, of SHIFTS. */
export function shiftShort(outPtr: usize, rows: i32, classes: i32, lane: usize): void {
  const step = (<usize>classes) << 2;
  const away = lane + EXPS - outPtr;
  for (; rows > 0; rows--) {
    const factor = v128.load32_splat(lane, FACTORS);
    const shift = v128.load32_splat(lane, SHIFTS);
    const last = outPtr + step - 16;
    for (; outPtr < last; outPtr += 16) {
      v128.store(outPtr, madd(v128.load(outPtr + away), factor, shift));
    }
    storeLast(last, madd(v128.load(last + away), factor, shift), classes);
    outPtr = last + 16;
    lane += 4;
  }
}
