/**
 * What the rows of crossEntropyShort.ts do one by one, with their own targets.
 */
import { loadPartial } from "../simd/lanes";
import { EXPS, FACTORS, PLACES, TARGETS } from "./shortExps";

const LANES = memory.data<i32>([0, 1, 2, 3], 16);

/**
 * Moves each row's e_y to TARGETS and leaves 0, at an address left in PLACES; class 0 of an ignored row.
 * Whether there is one.
 */
export function takeTargets(
  rows: i32,
  classes: i32,
  turned: bool,
  targetsPtr: usize,
  scratchPtr: usize,
): bool {
  const zero = i32x4.splat(0);
  const group = i32x4.splat(classes << 4);
  const across = i32x4.splat(turned ? 16 : 4);
  const apart = i32x4.mul(v128.load(LANES), i32x4.splat(turned ? 4 : classes << 2));
  let row = i32x4.add(i32x4.splat(<i32>(scratchPtr + EXPS)), apart);
  let all = zero;
  for (; rows > 0; rows -= 4) {
    const y = rows > 3 ? v128.load(targetsPtr) : loadPartial(targetsPtr, rows, 0);
    const places = i32x4.add(row, i32x4.mul(i32x4.max_s(y, zero), across));
    const a = <usize>i32x4.extract_lane(places, 0);
    const b = <usize>i32x4.extract_lane(places, 1);
    const c = <usize>i32x4.extract_lane(places, 2);
    const d = <usize>i32x4.extract_lane(places, 3);
    let e = v128.load32_zero(a);
    e = v128.load_lane<f32>(b, e, 1);
    e = v128.load_lane<f32>(c, e, 2);
    e = v128.load_lane<f32>(d, e, 3);
    v128.store(scratchPtr, places, PLACES);
    v128.store(scratchPtr, e, TARGETS);
    store<f32>(a, 0);
    store<f32>(b, 0);
    store<f32>(c, 0);
    store<f32>(d, 0);
    all = v128.or(all, y);
    row = i32x4.add(row, group);
    targetsPtr += 16;
    scratchPtr += 16;
  }
  return i32x4.bitmask(all) != 0;
}

/** Puts what scaling turns into the targets' gradients where their exponentials were. */
// @ts-ignore: decorator
@inline
export function putTargets(lane: usize, e: v128): void {
  v128.store_lane<f32>(load<u32>(lane, PLACES), e, 0);
  v128.store_lane<f32>(load<u32>(lane, PLACES + 4), e, 1);
  v128.store_lane<f32>(load<u32>(lane, PLACES + 8), e, 2);
  v128.store_lane<f32>(load<u32>(lane, PLACES + 12), e, 3);
}

/** loss ← w_y · loss; 0 where w_y is 0 or the row is ignored, whatever the loss. */
export function weighLosses(rows: i32, targetsPtr: usize, weightPtr: usize, lossPtr: usize): void {
  for (let r = 0; r < rows; r++) {
    const y = load<i32>(targetsPtr + ((<usize>r) << 2));
    const place = lossPtr + ((<usize>r) << 3);
    let w: f64 = y < 0 ? 0 : 1;
    if (weightPtr && y >= 0) w = load<f32>(weightPtr + ((<usize>y) << 2));
    store<f64>(place, w == 0 ? 0 : w * load<f64>(place));
  }
}

/** Leaves A of each row in FACTORS; 0 for an ignored row. */
export function fillScales(
  rows: i32,
  targetsPtr: usize,
  weightPtr: usize,
  scale: f64,
  upstreamPtr: usize,
  scratchPtr: usize,
): void {
  for (let r = 0; r < rows; r++) {
    const at = (<usize>r) << 2;
    const y = load<i32>(targetsPtr + at);
    let s = y < 0 ? 0 : scale;
    if (y >= 0 && weightPtr) s *= <f64>load<f32>(weightPtr + ((<usize>y) << 2));
    if (y >= 0 && upstreamPtr) s *= load<f64>(upstreamPtr + (at << 1));
    store<f32>(scratchPtr + at, <f32>s, FACTORS);
  }
}
