/**
 * What metrics need of rows of at most 64 classes, from the exponentials, m, top, rest and L of
 * shortTops.ts, four rows a record:
 *
 *   loss = (m − z_y) + L,   confidence = top / Σ,   Σ = top + rest,   L = ln(1 + rest / top)
 *   Brier = Σ_{c≠y} p_c² + (1 − p_y)²,   argmax and place by comparing, lowest index first
 *   step of a log-probability (z_c − m) − L ≤ 0: the upper 16 bits of its float32, turned so that
 *   greater numbers stand later, times 4; −4 for 0
 *
 * Stability
 *   The largest term stays outside of rest and of the sum of squares q, so the doubt 1 − p_max = rest / Σ
 *   and the squares of the others keep their relative accuracy in a confident row.
 *   A row that holds NaN or whose m is ±∞ has loss NaN.
 *
 * Layout
 *   Record, 144 bytes: f64 loss (4) · confidence (4) · f32 Brier (4) · doubt (4) · i32 argmax (4) ·
 *   place (4) · step of the target (4).
 *   place: the classes before y in order of their logits; with `tied` those of lower index before their
 *   equals. An ignored row (y < 0) has place −1, a row that is no number −2; their steps are 0.
 *   stepsPtr, or 0: i32 steps, C vectors for each record.
 *   Targets, records and steps have room for whole groups of four rows, and targets of rows that a group
 *   does not have are < 0.
 */
import { loadColumns } from "../simd/columns";
import { highLanes, madd } from "../simd/lanes";
import { pickLanes, placeOf } from "./shortTargets";
import { EXPS } from "./shortExps";
import { MAXIMA } from "./shortMaxima";
import { chunkRows } from "./shortRows";
import { APART, LOGS, RESTS, TOPS, enterTops } from "./shortTops";

/** Columns of exponentials in the scratch of short rows, 3 KiB behind those of logits. */
// @ts-ignore: decorator
@inline
const COLUMN_EXPS: usize = 3072;

// prettier-ignore
const ONES = memory.data<i32>([1, 1, 1, 1], 16);

export function scoreShortRows(
  zPtr: usize,
  rows: i32,
  classes: i32,
  targetsPtr: usize,
  tied: bool,
  recordPtr: usize,
  stepsPtr: usize,
  scratchPtr: usize,
): void {
  const chunk = chunkRows(classes);
  const groupBytes = (<usize>classes) << 4;
  for (let i = 0; i < rows; i += chunk) {
    const count = min(chunk, rows - i);
    enterTops(zPtr, count, classes, false, APART, scratchPtr);
    let z = zPtr;
    let exps = scratchPtr + EXPS;
    let lanes = scratchPtr;
    for (let g = 0; g < count; g += 4) {
      loadColumns(z, min(4, count - g), classes, scratchPtr);
      loadColumns(exps, 4, classes, scratchPtr + COLUMN_EXPS);
      scoreGroup(scratchPtr, lanes, classes, targetsPtr, tied, recordPtr, stepsPtr);
      z += groupBytes;
      exps += groupBytes;
      lanes += 16;
      targetsPtr += 16;
      recordPtr += 144;
      stepsPtr += stepsPtr ? groupBytes : 0;
    }
    zPtr += (<usize>count * <usize>classes) << 2;
  }
}

function scoreGroup(
  columns: usize,
  lanes: usize,
  classes: i32,
  targetsPtr: usize,
  tied: bool,
  recordPtr: usize,
  stepsPtr: usize,
): void {
  const m = v128.load(lanes, MAXIMA);
  const top = v128.load(lanes, TOPS);
  const rest = v128.load(lanes, RESTS);
  const log = v128.load(lanes, LOGS);
  const p0 = placeOf(targetsPtr, 0, 4);
  const p1 = placeOf(targetsPtr, 1, 4);
  const p2 = placeOf(targetsPtr, 2, 4);
  const p3 = placeOf(targetsPtr, 3, 4);
  const target = pickLanes(columns, p0, p1, p2, p3);
  const targetExp = pickLanes(columns + COLUMN_EXPS, p0, p1, p2, p3);
  const y = v128.load(targetsPtr);
  const ignored = i32x4.shr_s(y, 31);
  const isNumber = f32x4.eq(log, log);
  const counts = v128.andnot(i32x4.shl(isNumber, 2), ignored);
  const ahead = tied ? y : ignored; // classes below it come before their equals
  const one = v128.load(ONES);
  const unit = f32x4.splat(1);
  const share = f32x4.div(unit, f32x4.add(top, rest));
  let c = i32x4.splat(0);
  let argmax = i32x4.splat(-1);
  let place = c;
  let squares = f32x4.splat(0); // Σ p² without the greatest: e² might leave the range
  for (let p = columns, end = columns + ((<usize>classes) << 4); p < end; p += 16) {
    const z = v128.load(p);
    argmax = i32x4.min_u(argmax, v128.or(f32x4.ne(z, m), c));
    const e = v128.andnot(v128.load(p, COLUMN_EXPS), i32x4.eq(argmax, c));
    const probability = f32x4.mul(e, share);
    squares = madd(probability, probability, squares);
    const before = v128.and(f32x4.eq(z, target), i32x4.gt_s(ahead, c));
    place = i32x4.sub(place, v128.or(f32x4.gt(z, target), before));
    if (stepsPtr) {
      v128.store(stepsPtr, stepOf(f32x4.sub(z, m), log, counts));
      stepsPtr += 16;
    }
    c = i32x4.add(c, one);
  }
  storePair(m, target, log, top, rest, recordPtr);
  storePair(
    highLanes(m),
    highLanes(target),
    highLanes(log),
    highLanes(top),
    highLanes(rest),
    recordPtr + 16,
  );
  const doubt = f32x4.mul(rest, share);
  const p = f32x4.mul(targetExp, share);
  const right = madd(doubt, doubt, squares);
  const missed = f32x4.sub(unit, p);
  const largest = f32x4.mul(top, share);
  let wrong = f32x4.pmax(f32x4.splat(0), f32x4.sub(squares, f32x4.mul(p, p)));
  wrong = madd(missed, missed, madd(largest, largest, wrong));
  v128.store(recordPtr, v128.bitselect(right, wrong, i32x4.eq(y, argmax)), 64);
  v128.store(recordPtr, doubt, 80);
  v128.store(recordPtr, argmax, 96);
  place = v128.bitselect(place, i32x4.splat(-2), isNumber);
  v128.store(recordPtr, v128.or(place, ignored), 112);
  v128.store(recordPtr, stepOf(f32x4.sub(target, m), log, counts), 128);
}

/** Four times the step of a gap less log where `counts` is −4, else 0. */
// @ts-ignore: decorator
@inline
export function stepOf(gap: v128, log: v128, counts: v128): v128 {
  return v128.andnot(counts, i32x4.shr_s(f32x4.sub(gap, log), 14));
}

/** Loss and confidence of the rows of the two lower lanes. */
// @ts-ignore: decorator
@inline
function storePair(m: v128, target: v128, log: v128, top: v128, rest: v128, ptr: usize): void {
  const gap = f64x2.sub(f64x2.promote_low_f32x4(m), f64x2.promote_low_f32x4(target));
  v128.store(ptr, f64x2.add(gap, f64x2.promote_low_f32x4(log)));
  const largest = f64x2.promote_low_f32x4(top);
  v128.store(ptr, f64x2.div(largest, f64x2.add(largest, f64x2.promote_low_f32x4(rest))), 32);
}
