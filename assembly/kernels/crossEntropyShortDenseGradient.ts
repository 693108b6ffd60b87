/**
 * The gradient of crossEntropyShortDense.ts, chunk by chunk, S = scale, A = S · mass, Σ = top + rest:
 *
 *   ∂/∂z_j = A · p_j − S · t_j = ((A − S · t_j) · e_j − S · t_j · o_j) / Σ,   o_j = Σ − e_j
 *
 * Stability
 *   o is rest where e is top, so a confident row keeps its relative accuracy: with one-hot t,
 *   A − S · t is 0 exactly, and −S · t · rest / Σ is left.
 */
import { nmadd } from "../simd/lanes";
import { LANE_MASS } from "./crossEntropyShortDense";
import { clearColumns, storeScaled } from "./crossEntropyShortGradient";
import { EXPS, LANE_REST, LANE_TOP } from "./shortRows";
import { unsharedLanes } from "./shortShares";

/** Writes the gradients of the chunk in the scratch at ePtr. */
export function writeDenseChunk(
  ePtr: usize,
  rows: i32,
  classes: i32,
  shares: usize,
  scale: f64,
  upstreamPtr: usize,
  tablePtr: usize,
): void {
  const groupBytes = (<usize>classes) << 4;
  const zero = f32x4.splat(0);
  let lanes = tablePtr;
  let exps = tablePtr + EXPS;
  let s = f32x4.splat(<f32>scale);
  for (let i = 0; i < rows; i += 4) {
    if (upstreamPtr) {
      for (let r = min(4, rows - i) - 1; r >= 0; r--) {
        const each = <f32>(scale * load<f64>(upstreamPtr + ((<usize>r) << 3)));
        s = f32x4.replace_lane(i32x4.shuffle(s, s, 0, 0, 1, 2), 0, each);
      }
      upstreamPtr += 32;
    }
    const mass = v128.load(lanes, LANE_MASS);
    const top = v128.load(lanes, LANE_TOP);
    const rest = v128.load(lanes, LANE_REST);
    const sum = f32x4.add(top, rest);
    const a = f32x4.mul(s, mass); // as S · t is rounded, so that one-hot t leaves 0
    let inverse = f32x4.div(f32x4.splat(1), sum);
    const end = exps + groupBytes;
    let t = shares;
    for (let p = exps; p < end; p += 16) {
      const e = v128.load(p);
      const own = f32x4.mul(s, v128.load(t));
      const others = v128.bitselect(rest, f32x4.sub(sum, e), f32x4.eq(e, top));
      v128.store(p, nmadd(own, others, f32x4.mul(f32x4.sub(a, own), e)));
      t += 16;
    }
    let none = f32x4.eq(s, zero);
    if (i32x4.bitmask(v128.or(none, f32x4.eq(mass, zero)))) {
      none = v128.or(none, unsharedLanes(shares, classes));
      inverse = v128.andnot(inverse, none);
      clearColumns(exps, classes, none);
    }
    v128.store(lanes, inverse, LANE_TOP);
    exps = end;
    shares = t;
    lanes += 16;
  }
  storeScaled(ePtr, rows, classes, false, tablePtr);
}
