/**
 * The gradient of crossEntropyShort.ts, chunk by chunk:
 *
 *   ∂/∂z_j = A · e_j / Σ,   and −A · (1 − p_y) at the target
 */
import { SCALE, storeColumns } from "../simd/columns";
import { EXPS, LANE_MAX, LANE_REST, LANE_TOP } from "./shortRows";
import { anyIgnored, pickLanes, placeOf } from "./shortTargets";

/** Writes the gradients of the chunk in the scratch at ePtr. */
export function writeChunk(
  ePtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  targetsPtr: usize,
  weightPtr: usize,
  scale: f64,
  upstreamPtr: usize,
  scratchPtr: usize,
): void {
  const groupBytes = (<usize>classes) << 4;
  let columns = scratchPtr;
  let lanes = scratchPtr;
  for (let i = 0; i < rows; i += 4) {
    const left = min(4, rows - i);
    const top = v128.load(lanes, LANE_TOP);
    const rest = v128.load(lanes, LANE_REST);
    const m = v128.load(lanes, LANE_MAX);
    const inverse = f32x4.div(f32x4.splat(1), f32x4.add(top, rest));
    const a = scales(left, targetsPtr, weightPtr, scale, upstreamPtr);
    let factor = f32x4.mul(a, inverse);
    const exps = columns + EXPS;
    const p0 = placeOf(targetsPtr, 0, left);
    const p1 = placeOf(targetsPtr, 1, left);
    const p2 = placeOf(targetsPtr, 2, left);
    const p3 = placeOf(targetsPtr, 3, left);
    const z = pickLanes(columns, p0, p1, p2, p3);
    const e = pickLanes(exps, p0, p1, p2, p3);
    // −(1 − p_y) / inverse, so that the common factor makes it the gradient: −rest, or e − Σ.
    const others = f32x4.neg(rest);
    const below = f32x4.sub(e, f32x4.add(top, rest));
    const target = v128.bitselect(others, below, f32x4.eq(z, m));
    v128.store_lane<f32>(exps + p0, target, 0);
    v128.store_lane<f32>(exps + p1, target, 1);
    v128.store_lane<f32>(exps + p2, target, 2);
    v128.store_lane<f32>(exps + p3, target, 3);
    const none = f32x4.eq(a, f32x4.splat(0));
    if (i32x4.bitmask(none)) {
      factor = v128.andnot(factor, none);
      clearColumns(exps, classes, none);
    }
    v128.store(lanes, factor, LANE_TOP);
    columns += groupBytes;
    lanes += 16;
    targetsPtr += 16;
    upstreamPtr += upstreamPtr ? 32 : 0;
  }
  storeScaled(ePtr, rows, classes, turned, scratchPtr);
}

/** Stores the columns of exponentials at ePtr, each group times the factors where its tops were. */
export function storeScaled(
  ePtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  scratchPtr: usize,
): void {
  const groupBytes = (<usize>classes) << 4;
  let exps = scratchPtr + EXPS;
  for (let i = 0; i < rows; i += 4) {
    const factor = v128.load(scratchPtr, LANE_TOP);
    storeColumns(exps, ePtr, min(4, rows - i), classes, turned, SCALE, factor, factor);
    exps += groupBytes;
    ePtr += groupBytes;
    scratchPtr += 16;
  }
}

/** A of each row; 0 for an ignored row. */
// @ts-ignore: decorator
@inline
function scales(
  rows: i32,
  targetsPtr: usize,
  weightPtr: usize,
  scale: f64,
  upstreamPtr: usize,
): v128 {
  let a = f32x4.splat(<f32>scale);
  const odd = rows < 4 || weightPtr != 0 || upstreamPtr != 0;
  if (odd || anyIgnored(targetsPtr)) {
    a = f32x4.splat(0);
    for (let r = rows - 1; r >= 0; r--) {
      const y = load<i32>(targetsPtr + ((<usize>r) << 2));
      let s = y < 0 ? 0 : scale;
      if (y >= 0 && weightPtr) s *= <f64>load<f32>(weightPtr + ((<usize>y) << 2));
      if (y >= 0 && upstreamPtr) s *= load<f64>(upstreamPtr + ((<usize>r) << 3));
      a = f32x4.replace_lane(i32x4.shuffle(a, a, 0, 0, 1, 2), 0, <f32>s);
    }
  }
  return a;
}

/** Zeroes the rows of a group whose A is 0, which 0 · NaN would not. */
// @ts-ignore: decorator
@inline
export function clearColumns(columns: usize, classes: i32, none: v128): void {
  const end = columns + ((<usize>classes) << 4);
  for (; columns < end; columns += 16) {
    v128.store(columns, v128.andnot(v128.load(columns), none));
  }
}
