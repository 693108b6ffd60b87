/**
 * What metrics need of rows of at most 64 classes, from the exponentials, m, top, rest and L of
 * shortTops.ts, four rows a record:
 *
 *   loss = (m − z_y) + L,   doubt = 1 − p_max = rest / Σ,   Σ = top + rest,   L = ln(1 + rest / top)
 *   Brier = Σ_{c≠y} p_c² + (1 − p_y)²,   argmax and place by comparing, lowest index first
 *   step of a log-probability (z_c − m) − L ≤ 0: the upper 16 bits of its float32 with the sign, from
 *   −32768 to −1 for falling numbers, 0 for 0
 *
 * Stability
 *   The largest term stays outside of rest and of the sum of squares q, so the doubt and the squares of
 *   the others keep their relative accuracy in a confident row.
 *   A row that holds NaN or whose m is ±∞ has loss NaN.
 *
 * Layout
 *   Rows are turned to columns once, and stay so. Equal logits at the top or beside the target are rare:
 *   the loop over the classes only counts them, and what they change is made good after it.
 *   Record, 128 bytes: f64 loss (4) · f32 Brier (4) · doubt (4) · i32 argmax (4) · place (4) · step of
 *   the target (4) · 16 unused.
 *   place: the classes before y in order of their logits; with `tied` those of lower index before their
 *   equals. An ignored row (y < 0) has place −1, a row that is no number −2; their steps are −1.
 *   stepsPtr, or 0: i32 steps, C vectors for each record.
 *   Targets, records and steps have room for whole groups of four rows, and targets of rows that a group
 *   does not have are < 0.
 */
import { loadColumns } from "../simd/columns";
import { highDoubles, lowDoubles, madd } from "../simd/lanes";
import { pickLanes, placesOf } from "./shortTargets";
import { EXPS, enterShort } from "./shortExps";
import { MAXIMA } from "./shortMaxima";
import { chunkRows } from "./shortRows";
import { APART, LOGS, RESTS, TOPS, closeTops } from "./shortTops";

/** Bytes of a record. */
// @ts-ignore: decorator
@inline
export const RECORD: usize = 128;

/** Logits as columns stand so far behind their exponentials, in the scratch of half a chunk. */
// @ts-ignore: decorator
@inline
const LOGITS: usize = 2176;

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
  const half = (chunkRows(classes) >> 1) & ~3;
  const groupBytes = (<usize>classes) << 4;
  const exps = scratchPtr + EXPS;
  for (let i = 0; i < rows; i += half) {
    const count = min(half, rows - i);
    let columns = exps + LOGITS;
    let lanes = scratchPtr;
    for (let g = 0; g < count; g += 4) {
      v128.store(lanes, loadColumns(zPtr, min(4, count - g), classes, columns), MAXIMA);
      zPtr += groupBytes;
      columns += groupBytes;
      lanes += 16;
    }
    enterShort(exps + LOGITS, count, classes, true, scratchPtr);
    closeTops(exps + LOGITS, count, classes, true, APART, scratchPtr);
    columns = exps;
    lanes = scratchPtr;
    for (let g = 0; g < count; g += 4) {
      scoreGroup(columns, lanes, classes, targetsPtr, tied, recordPtr, stepsPtr);
      columns += groupBytes;
      lanes += 16;
      targetsPtr += 16;
      recordPtr += RECORD;
      stepsPtr += stepsPtr ? groupBytes : 0;
    }
  }
}

// @ts-ignore: decorator
@inline
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
  const y = v128.load(targetsPtr);
  const places = placesOf(y);
  const target = pickLanes(columns + LOGITS, places);
  const targetExp = pickLanes(columns, places);
  const one = v128.load(ONES);
  const unit = f32x4.splat(1);
  const share = f32x4.div(unit, f32x4.add(top, rest));
  const power = v128.and(top, i32x4.splat(0x7f800000)); //      2^a
  const scale = i32x4.sub(i32x4.splat(0x7f000000), power); // 2^−a
  const end = columns + ((<usize>classes) << 4);
  // Steps that nobody wants go where exponentials have been.
  const steps = (stepsPtr ? stepsPtr : columns) - columns;
  let c = i32x4.splat(0);
  let argmax = i32x4.splat(-1);
  let place = c; // of these three −1 for each
  let others = c;
  let equals = c;
  let squares = f32x4.splat(0); // Σ e² without the greatest, over 2^a ≤ top < 2^(a + 1): e² might leave the range
  for (let p = columns; p < end; p += 16) {
    const z = v128.load(p, LOGITS);
    const less = f32x4.ne(z, m);
    argmax = i32x4.min_u(argmax, v128.or(less, c));
    others = i32x4.add(others, less);
    const e = f32x4.mul(v128.and(v128.load(p), less), scale);
    squares = madd(e, e, squares);
    place = i32x4.add(place, f32x4.gt(z, target));
    equals = i32x4.add(equals, f32x4.eq(z, target));
    v128.store(p + steps, stepOf(f32x4.sub(z, m), log));
    c = i32x4.add(c, one);
  }
  const ignored = i32x4.shr_s(y, 31);
  const isNumber = f32x4.eq(log, log);
  const counts = v128.andnot(isNumber, ignored);
  if (tied && i32x4.bitmask(i32x4.add(equals, one))) {
    let before = y;
    for (let p = columns; p < end; p += 16) {
      const equal = f32x4.eq(v128.load(p, LOGITS), target);
      place = i32x4.add(place, v128.and(equal, i32x4.gt_s(before, i32x4.splat(0))));
      before = i32x4.sub(before, one);
    }
  }
  if (!i32x4.all_true(counts)) {
    for (let p = columns + steps; p < end + steps; p += 16) {
      v128.store(p, v128.or(v128.load(p), v128.not(counts)));
    }
  }
  storeLosses(m, target, log, recordPtr);
  const doubt = f32x4.mul(rest, share);
  const p = f32x4.mul(targetExp, share);
  const missed = f32x4.sub(unit, p);
  const largest = f32x4.mul(top, share);
  const largest2 = f32x4.mul(largest, largest);
  // The greatest logit met again
  const again = f32x4.convert_i32x4_s(i32x4.add(i32x4.add(others, c), i32x4.splat(-1)));
  const back = f32x4.mul(share, power);
  squares = madd(again, largest2, f32x4.mul(f32x4.mul(back, back), squares));
  const right = madd(doubt, doubt, squares);
  let wrong = f32x4.pmax(f32x4.splat(0), f32x4.sub(squares, f32x4.mul(p, p)));
  wrong = madd(missed, missed, f32x4.add(largest2, wrong));
  v128.store(recordPtr, v128.bitselect(right, wrong, i32x4.eq(y, argmax)), 32);
  v128.store(recordPtr, doubt, 48);
  v128.store(recordPtr, argmax, 64);
  place = v128.bitselect(i32x4.neg(place), i32x4.splat(-2), isNumber);
  v128.store(recordPtr, v128.or(place, ignored), 80);
  v128.store(recordPtr, v128.or(stepOf(f32x4.sub(target, m), log), v128.not(counts)), 96);
}

/** The step of gap − log. */
// @ts-ignore: decorator
@inline
export function stepOf(gap: v128, log: v128): v128 {
  return i32x4.shr_s(f32x4.sub(gap, log), 16);
}

// @ts-ignore: decorator
@inline
function storeLosses(m: v128, target: v128, log: v128, ptr: usize): void {
  const gap01 = f64x2.sub(lowDoubles(m), lowDoubles(target));
  v128.store(ptr, f64x2.add(gap01, lowDoubles(log)));
  const gap23 = f64x2.sub(highDoubles(m), highDoubles(target));
  v128.store(ptr, f64x2.add(gap23, highDoubles(log)), 16);
}
