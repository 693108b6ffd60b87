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
 *   the loop over the classes only tells that there are some (scoreShortRare.ts).
 *   Record, 96 bytes: f64 loss (4) · f32 Brier (4) · doubt (4) · i32 argmax (4) · place (4).
 *   place: the classes before y in order of their logits; with `tied` those of lower index before their
 *   equals. An ignored row (y < 0) has place −1, a row that is no number −2; their steps are −1.
 *   tablesPtr: where step 0 of class 0 is counted, 4 mod 256; TABLE bytes a class, a word a step. The
 *   positives of a class are counted in another C tables behind these.
 *   stepsPtr, or 0: u32 addresses where steps are counted, C vectors for each record.
 *   Targets, records and steps have room for whole groups of four rows, and targets of rows that a group
 *   does not have are < 0.
 */
import { loadColumns } from "../simd/columns";
import { highDoubles, lowDoubles, madd } from "../simd/lanes";
import { pickLanes, placesOf } from "./shortTargets";
import { EXPS, enterShort } from "./shortExps";
import { MAXIMA } from "./shortMaxima";
import { chunkRows } from "./shortRows";
import { countNowhere, settleTies } from "./scoreShortRare";
import { APART, LOGS, RESTS, TOPS, closeTops } from "./shortTops";

/** Bytes of a record. */
// @ts-ignore: decorator
@inline
export const RECORD: usize = 96;

/** Bytes from a class's table of steps to the next: 2^17 and a multiple of 256 below 2^11. */
// @ts-ignore: decorator
@inline
export const TABLE: i32 = 0x20100;

/** Logits as columns stand so far behind their exponentials, in the scratch of half a chunk. */
// @ts-ignore: decorator
@inline
const LOGITS: usize = 2176;

/** Offset in the scratch: steps that nobody wants. */
const STEPS: usize = 13824;

// prettier-ignore
const CONSTANTS = memory.data<i32>([
  1, 1, 1, 1,
  0x3f800000, 0x3f800000, 0x3f800000, 0x3f800000, // 1, float32
  0x40000, 0x40000, 0x40000, 0x40000, //             dot product of 16 bits: 4 times the upper
  TABLE, TABLE, TABLE, TABLE,
], 16);

export function scoreShortRows(
  zPtr: usize,
  rows: i32,
  classes: i32,
  targetsPtr: usize,
  tied: bool,
  recordPtr: usize,
  stepsPtr: usize,
  tablesPtr: usize,
  scratchPtr: usize,
): void {
  const half = (chunkRows(classes) >> 1) & ~3;
  const rowBytes = (<usize>classes) << 2;
  const groupBytes = rowBytes << 2;
  const exps = scratchPtr + EXPS;
  let second = rowBytes;
  let third = rowBytes << 1;
  let fourth = rowBytes * 3;
  for (let i = 0; i < rows; i += half) {
    const count = min(half, rows - i);
    let columns = exps + LOGITS;
    let lanes = scratchPtr;
    for (let left = count; left > 0; left -= 4) {
      if (left < 4) {
        fourth = <usize>(left - 1) * rowBytes;
        third = min(third, fourth);
        second = min(second, fourth);
      }
      const m = loadColumns(zPtr, zPtr + second, zPtr + third, zPtr + fourth, classes, columns);
      v128.store(lanes, m, MAXIMA);
      zPtr += groupBytes;
      columns += groupBytes;
      lanes += 16;
    }
    enterShort(exps + LOGITS, count, classes, true, scratchPtr);
    closeTops(exps + LOGITS, count, classes, true, APART, scratchPtr);
    columns = exps;
    lanes = scratchPtr;
    let steps = stepsPtr ? stepsPtr : scratchPtr + STEPS;
    for (let g = 0; g < count; g += 4) {
      scoreGroup(columns, lanes, classes, targetsPtr, tied, recordPtr, steps, tablesPtr);
      columns += groupBytes;
      lanes += 16;
      targetsPtr += 16;
      recordPtr += RECORD;
      steps += groupBytes;
    }
    if (stepsPtr) stepsPtr = steps;
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
  tablesPtr: usize,
): void {
  const m = v128.load(lanes, MAXIMA);
  const log = v128.load(lanes, LOGS);
  const y = v128.load(targetsPtr);
  const places = placesOf(y);
  const target = pickLanes(columns + LOGITS, places);
  const targetExp = pickLanes(columns, places);
  const unit = v128.load(CONSTANTS, 16);
  const upper = v128.load(CONSTANTS, 32);
  const table = v128.load(CONSTANTS, 48);
  const share = f32x4.div(unit, f32x4.add(v128.load(lanes, TOPS), v128.load(lanes, RESTS)));
  const end = columns + ((<usize>classes) << 4);
  const away = stepsPtr - columns;
  let t = i32x4.splat(<i32>tablesPtr);
  let first = i32x4.splat(0); // Σ t where z = m: the lowest bits tell how many there are
  let place = first; //          −1 for each
  let equals = v128.load(CONSTANTS); // 0 after the target alone
  let squares = f32x4.splat(0); // Σ p² without the greatest
  for (let p = columns; p < end; p += 16) {
    const z = v128.load(p, LOGITS);
    const most = f32x4.eq(z, m);
    first = i32x4.add(first, v128.and(most, t));
    const other = f32x4.mul(v128.andnot(v128.load(p), most), share);
    squares = madd(other, other, squares);
    place = i32x4.add(place, f32x4.gt(z, target));
    equals = i32x4.add(equals, f32x4.eq(z, target));
    const step = i32x4.dot_i16x8_s(f32x4.sub(f32x4.sub(z, m), log), upper);
    v128.store(p + away, i32x4.add(t, step));
    t = i32x4.add(t, table);
  }
  let argmax = i32x4.sub(first, i32x4.splat(<i32>tablesPtr));
  const again = v128.or(i32x4.shl(argmax, 24), equals);
  argmax = i32x4.shr_u(argmax, 17);
  place = i32x4.neg(place);
  const largest = f32x4.mul(v128.load(lanes, TOPS), share);
  const largest2 = f32x4.mul(largest, largest);
  if (v128.any_true(again)) {
    const before = tied ? y : i32x4.splat(0);
    settleTies(columns + LOGITS, classes, m, target, place, before, recordPtr);
    squares = madd(f32x4.convert_i32x4_s(v128.load(recordPtr, 48)), largest2, squares);
    argmax = v128.load(recordPtr, 64);
    place = v128.load(recordPtr, 80);
  }
  const gap01 = f64x2.sub(lowDoubles(m), lowDoubles(target));
  const gap23 = f64x2.sub(highDoubles(m), highDoubles(target));
  v128.store(recordPtr, f64x2.add(gap01, lowDoubles(log)));
  v128.store(recordPtr, f64x2.add(gap23, highDoubles(log)), 16);
  const doubt = f32x4.mul(v128.load(lanes, RESTS), share);
  const p = f32x4.mul(targetExp, share);
  const missed = f32x4.sub(unit, p);
  const right = madd(doubt, doubt, squares);
  let wrong = f32x4.pmax(f32x4.splat(0), f32x4.sub(squares, f32x4.mul(p, p)));
  wrong = madd(missed, missed, f32x4.add(largest2, wrong));
  v128.store(recordPtr, v128.bitselect(right, wrong, i32x4.eq(y, argmax)), 32);
  v128.store(recordPtr, doubt, 48);
  v128.store(recordPtr, argmax, 64);
  const positives = classes * TABLE;
  moveStep(stepsPtr + i32x4.extract_lane(places, 0), positives);
  moveStep(stepsPtr + i32x4.extract_lane(places, 1), positives);
  moveStep(stepsPtr + i32x4.extract_lane(places, 2), positives);
  moveStep(stepsPtr + i32x4.extract_lane(places, 3), positives);
  const lost = f32x4.ne(log, log);
  if (i32x4.bitmask(v128.or(y, lost))) {
    const ignored = i32x4.shr_s(y, 31);
    place = v128.or(v128.or(v128.andnot(place, lost), i32x4.shl(lost, 1)), ignored);
    countNowhere(stepsPtr, classes, v128.or(lost, ignored), tablesPtr - 4);
  }
  v128.store(recordPtr, place, 80);
}

/** Has a step counted `bytes` from where it would be. */
// @ts-ignore: decorator
@inline
function moveStep(ptr: usize, bytes: i32): void {
  store<i32>(ptr, load<i32>(ptr) + bytes);
}
