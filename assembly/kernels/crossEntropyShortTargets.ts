/**
 * What the rows of crossEntropyShort.ts do one by one, with their own targets.
 */
import { EXPS, FACTORS, TARGETS, TARGET_GRADS, placeOf } from "./shortExps";

/** Moves each row's e_y to TARGETS and leaves 0; class 0 of an ignored row. Whether there is one. */
export function takeTargets(
  rows: i32,
  classes: i32,
  turned: bool,
  targetsPtr: usize,
  scratchPtr: usize,
): bool {
  const across: usize = turned ? 16 : 4;
  const down: usize = turned ? 4 : (<usize>classes) << 2;
  const group: usize = turned ? ((<usize>classes) << 4) - 16 : 0;
  let row = scratchPtr + EXPS;
  let all = 0;
  for (let r = 1; r <= rows; r++) {
    const y = load<i32>(targetsPtr);
    all |= y;
    const place = row + <usize>max(0, y) * across;
    store<f32>(scratchPtr, load<f32>(place), TARGETS);
    store<f32>(place, 0);
    targetsPtr += 4;
    scratchPtr += 4;
    row += down;
    if ((r & 3) == 0) row += group;
  }
  return all < 0;
}

/** Writes the targets' gradients over those of scaleShort. */
export function putTargets(
  ePtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  targetsPtr: usize,
  scratchPtr: usize,
): void {
  for (let r = 0; r < rows; r++) {
    const at = (<usize>r) << 2;
    const y = max(0, load<i32>(targetsPtr + at));
    store<u32>(ePtr + placeOf(r, y, classes, turned), load<u32>(scratchPtr + at, TARGET_GRADS));
  }
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
