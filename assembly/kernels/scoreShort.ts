/**
 * The records of score.ts that metrics need, without entropy, for rows of at most 64 classes, from
 * the columns, exponentials, m, top and rest of shortRows.ts:
 *
 *   loss = (m − z_y) + L,   logSumExp = m + L,   confidence = top / Σ,   Σ = top + rest
 *   Brier = Σ_{c≠y} p_c² + (1 − p_y)²,   margin = m − second greatest,   rank, ties, argmax by comparing
 *
 * Stability
 *   The largest term stays outside of rest and of the sum of squares q, so 1 − p_y = rest / Σ and the
 *   squares of the others keep their relative accuracy in a confident row. Its ties enter q as a product.
 *   A row with NaN or whose m is ±∞ is left to score.ts: its flags are −1.
 *
 * Layout
 *   Four rows a vector; their fields meet in 256 bytes of scratch behind shortRows' own, and leave it
 *   row by row. An ignored row (y < 0) has rank −1.
 */
import { log1pLanes } from "../math/log1p";
import { highLanes, madd } from "../simd/lanes";
import { pickLanes, placeOf } from "./shortTargets";
import { EXPS, LANE_MAX, LANE_REST, LANE_TOP, chunkRows, enterExps } from "./shortRows";

const RECORD: usize = 64;
/** Where the scratch of shortRows.ts ends, and 2 KiB are left. */
// @ts-ignore: decorator
@inline
const FREE: usize = LANE_REST + 2048;

export function scoreShortRows(
  zPtr: usize,
  rows: i32,
  classes: i32,
  targetsPtr: usize,
  recordPtr: usize,
  scratchPtr: usize,
): void {
  const chunk = chunkRows(classes);
  for (let i = 0; i < rows; i += chunk) {
    const count = min(chunk, rows - i);
    enterExps(zPtr, count, classes, false, scratchPtr);
    for (let g = 0; g < count; g += 4) {
      const left = min(4, count - g);
      scoreGroup(g, left, classes, targetsPtr, scratchPtr);
      storeRecords(left, targetsPtr, recordPtr, scratchPtr + FREE);
      targetsPtr += 16;
      recordPtr += 4 * RECORD;
    }
    zPtr += (<usize>count * <usize>classes) << 2;
  }
}

/** Leaves the fields of four rows, field by field, at FREE. */
function scoreGroup(
  first: i32,
  left: i32,
  classes: i32,
  targetsPtr: usize,
  scratchPtr: usize,
): void {
  const lanes = scratchPtr + ((<usize>first) << 2);
  const columns = scratchPtr + ((<usize>(first * classes)) << 2);
  const free = scratchPtr + FREE;
  const m = v128.load(lanes, LANE_MAX);
  const top = v128.load(lanes, LANE_TOP);
  const rest = v128.load(lanes, LANE_REST);
  const log = log1pLanes(f32x4.div(rest, top));
  const p0 = placeOf(targetsPtr, 0, left);
  const p1 = placeOf(targetsPtr, 1, left);
  const p2 = placeOf(targetsPtr, 2, left);
  const p3 = placeOf(targetsPtr, 3, left);
  const target = pickLanes(columns, p0, p1, p2, p3);
  const targetExp = pickLanes(columns + EXPS, p0, p1, p2, p3);
  let y = i32x4.splat(<i32>(p0 >> 4));
  y = i32x4.replace_lane(y, 1, <i32>(p1 >> 4));
  y = i32x4.replace_lane(y, 2, <i32>(p2 >> 4));
  y = i32x4.replace_lane(y, 3, <i32>(p3 >> 4));
  const one = i32x4.splat(1);
  const low = f32x4.splat(-Infinity);
  let c = i32x4.splat(classes);
  let argmax = i32x4.splat(0);
  let tops = argmax; // maxima
  let above = argmax;
  let ties = argmax;
  let squares = f32x4.splat(0);
  let second = low;
  for (let p = columns + ((<usize>classes) << 4); p > columns;) {
    p -= 16;
    c = i32x4.sub(c, one);
    const z = v128.load(p);
    const isTop = f32x4.eq(z, m);
    argmax = v128.bitselect(c, argmax, isTop);
    tops = i32x4.sub(tops, isTop);
    const e = v128.andnot(v128.load(p, EXPS), isTop);
    squares = madd(e, e, squares);
    second = f32x4.pmax(second, v128.bitselect(low, z, isTop));
    above = i32x4.sub(above, f32x4.gt(z, target));
    ties = i32x4.sub(ties, v128.and(f32x4.eq(z, target), i32x4.gt_s(y, c)));
  }
  second = v128.bitselect(m, second, i32x4.gt_s(tops, one));
  squares = madd(f32x4.convert_i32x4_s(i32x4.sub(tops, one)), f32x4.mul(top, top), squares);
  const hit = i32x4.eq(y, argmax);
  storePair(m, target, log, top, rest, squares, targetExp, hit, free);
  storePair(
    highLanes(m),
    highLanes(target),
    highLanes(log),
    highLanes(top),
    highLanes(rest),
    highLanes(squares),
    highLanes(targetExp),
    highLanes(hit),
    free + 16,
  );
  v128.store(free, m, 128);
  v128.store(free, f32x4.sub(m, second), 144);
  v128.store(free, argmax, 160);
  v128.store(free, above, 176);
  v128.store(free, f32x4.ne(log, log), 192);
  v128.store(free, ties, 208);
}

/** Loss, logSumExp, confidence and Brier score of the rows of the two lower lanes. */
function storePair(
  m: v128,
  target: v128,
  log: v128,
  top: v128,
  rest: v128,
  squares: v128,
  targetExp: v128,
  hit: v128,
  ptr: usize,
): void {
  const one = f64x2.splat(1);
  const max = f64x2.promote_low_f32x4(m);
  const l = f64x2.promote_low_f32x4(log);
  v128.store(ptr, f64x2.add(f64x2.sub(max, f64x2.promote_low_f32x4(target)), l));
  v128.store(ptr, f64x2.add(max, l), 32);
  const largest = f64x2.promote_low_f32x4(top);
  const others = f64x2.promote_low_f32x4(rest);
  const sum = f64x2.add(largest, others);
  const share = f64x2.div(one, sum);
  const confidence = f64x2.div(largest, sum); // 1/2 is 1/2
  v128.store(ptr, confidence, 64);
  // Σ p² without the greatest
  const q = f64x2.mul(f64x2.promote_low_f32x4(squares), f64x2.mul(share, share));
  const p = f64x2.mul(f64x2.promote_low_f32x4(targetExp), share);
  const complement = f64x2.mul(others, share);
  const right = f64x2.add(q, f64x2.mul(complement, complement));
  const missed = f64x2.sub(one, p);
  let wrong = f64x2.pmax(f64x2.sub(q, f64x2.mul(p, p)), f64x2.splat(0));
  wrong = f64x2.add(wrong, f64x2.mul(confidence, confidence));
  wrong = f64x2.add(wrong, f64x2.mul(missed, missed));
  v128.store(ptr, v128.bitselect(right, wrong, i32x4.shuffle(hit, hit, 0, 0, 1, 1)), 96);
}

/** Fields, four rows each, become records. */
function storeRecords(rows: i32, targetsPtr: usize, recordPtr: usize, free: usize): void {
  for (let r = 0; r < rows; r++) {
    const word = free + ((<usize>r) << 2);
    const wide = free + ((<usize>r) << 3);
    const y = load<i32>(targetsPtr + ((<usize>r) << 2));
    store<f64>(recordPtr, load<f64>(wide));
    store<f64>(recordPtr, load<f64>(wide, 32), 8);
    store<f64>(recordPtr, load<f64>(wide, 64), 24);
    store<f64>(recordPtr, load<f64>(wide, 96), 32);
    store<i32>(recordPtr, load<i32>(word, 128), 40);
    store<i32>(recordPtr, load<i32>(word, 144), 44);
    store<i32>(recordPtr, load<i32>(word, 160), 48);
    store<i32>(recordPtr, y < 0 ? -1 : load<i32>(word, 176), 52);
    store<i32>(recordPtr, load<i32>(word, 192), 56);
    store<i32>(recordPtr, load<i32>(word, 208), 60);
    recordPtr += RECORD;
  }
}
