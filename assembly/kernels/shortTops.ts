/**
 * Maximum and logarithm of short rows from the exponentials e of shortExps.ts:
 *
 *   logSumExp = m + L,   L = ln(1 + rest / top),   top = the largest e,   rest = Σ of the others
 *
 * Stability
 *   The largest term stays out of the sum: each step keeps the greater of two and adds the other.
 *   rowTable.ts does rows for which shortExps.ts has no k; there L is NaN where m is not finite.
 *
 * Layout
 *   A lane goes through the classes l, l + 4, … of a row; then four rows meet, lane by lane. Columns
 *   (with `turned`) take the same steps.
 */
import { highHalves, highPairs, lowHalves, lowPairs } from "../simd/lanes";
import { log1pLanes } from "../math/log1p";
import { closeRow, enterRow, rowArgmax, rowLog, rowLogSumExp, rowMax, rowRest } from "./rowTable";
import { EXPS, ROW_EXPS, TABLE, enterShort, putBack, rowAt } from "./shortExps";
import { MAXIMA, maxima } from "./shortMaxima";
import { lastLanes } from "./shortSums";

/** Offset in the scratch: L of each row, where others have factors. */
// @ts-ignore: decorator
@inline
export const LOGS: usize = 10496;

/** Offsets of top and rest. */
// @ts-ignore: decorator
@inline
export const TOPS: usize = 1024;
// @ts-ignore: decorator
@inline
export const RESTS: usize = 12544;

/** What a row of −∞, of +∞ or with NaN ends as: m + L = logSumExp, L = NaN, or m = L = 0 for −∞ only. */
// @ts-ignore: decorator
@inline
export const JOINED: i32 = 0;
// @ts-ignore: decorator
@inline
export const APART: i32 = 1;
// @ts-ignore: decorator
@inline
export const APART_MASKED_ZERO: i32 = 2;

/** Leaves m and L of each row of the chunk. */
export function enterTops(
  zPtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  kind: i32,
  scratchPtr: usize,
): void {
  enterShort(zPtr, rows, classes, turned, scratchPtr);
  maxima(zPtr, rows, classes, turned, scratchPtr);
  closeTops(zPtr, rows, classes, turned, kind, scratchPtr);
}

/** The same where exponentials and m are there. */
export function closeTops(
  zPtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  kind: i32,
  scratchPtr: usize,
): void {
  tops(rows, classes, turned, scratchPtr);
  if (logarithms(rows, scratchPtr)) return;
  for (let r = 0; r < rows; r++) {
    const lane = scratchPtr + ((<usize>r) << 2);
    const log = load<f32>(lane, LOGS);
    if (log == log) continue;
    const row = rowAt(zPtr, r, classes, turned, scratchPtr);
    const e = turned ? scratchPtr + ROW_EXPS : rowAt(scratchPtr + EXPS, r, classes, false, 0);
    enterRow(row, e, classes, 0, scratchPtr + TABLE);
    closeRow(scratchPtr + TABLE, 1);
    store<f32>(lane, load<f32>(e + ((<usize>rowArgmax) << 2)), TOPS);
    store<f32>(lane, <f32>rowRest, RESTS);
    let m = rowMax;
    let l = <f32>rowLog;
    if (kind == JOINED) {
      m = <f32>rowLogSumExp();
      l = 0;
    } else if (kind == APART_MASKED_ZERO && m == -Infinity && rowRest == 0) {
      m = 0;
      l = 0;
    }
    store<f32>(lane, m, MAXIMA);
    store<f32>(lane, l, LOGS);
    if (turned) putBack(scratchPtr + EXPS, r, classes, scratchPtr);
  }
}

/** Top and rest of each row. */
function tops(rows: i32, classes: i32, turned: bool, scratchPtr: usize): void {
  const rowBytes = (<usize>classes) << 2;
  const stride: usize = turned ? 64 : 16;
  const next: usize = turned ? 16 : rowBytes;
  const lastAt = <usize>((classes - 1) >> 2) * stride;
  const k0 = lastLanes(classes, turned, 0);
  const k1 = lastLanes(classes, turned, 1);
  const k2 = lastLanes(classes, turned, 2);
  const k3 = lastLanes(classes, turned, 3);
  let e = scratchPtr + EXPS;
  for (; rows > 0; rows -= 4) {
    let a = e;
    let b = a + next;
    let c = b + next;
    let d = c + next;
    const end = a + lastAt;
    let t0 = v128.and(v128.load(end), k0);
    let t1 = v128.and(v128.load(b + lastAt), k1);
    let t2 = v128.and(v128.load(c + lastAt), k2);
    let t3 = v128.and(v128.load(d + lastAt), k3);
    let r0 = f32x4.splat(0);
    let r1 = r0;
    let r2 = r0;
    let r3 = r0;
    for (; a < end; a += stride) {
      const x0 = v128.load(a);
      r0 = f32x4.add(r0, f32x4.pmin(x0, t0));
      t0 = f32x4.pmax(t0, x0);
      const x1 = v128.load(b);
      r1 = f32x4.add(r1, f32x4.pmin(x1, t1));
      t1 = f32x4.pmax(t1, x1);
      const x2 = v128.load(c);
      r2 = f32x4.add(r2, f32x4.pmin(x2, t2));
      t2 = f32x4.pmax(t2, x2);
      const x3 = v128.load(d);
      r3 = f32x4.add(r3, f32x4.pmin(x3, t3));
      t3 = f32x4.pmax(t3, x3);
      b += stride;
      c += stride;
      d += stride;
    }
    // Lanes 0 and 2, and 1 and 3, of each row; then both.
    if (!turned) {
      const low = lowPairs(t0, t1);
      t1 = highPairs(t0, t1);
      t0 = low;
      const high = lowPairs(t2, t3);
      t3 = highPairs(t2, t3);
      t2 = high;
      // a0+a2 b0+b2 a1+a3 b1+b3 · c0+c2 …
      r0 = f32x4.add(lowPairs(r0, r1), highPairs(r0, r1));
      r2 = f32x4.add(lowPairs(r2, r3), highPairs(r2, r3));
      r0 = f32x4.add(r0, f32x4.pmin(t0, t1));
      r2 = f32x4.add(r2, f32x4.pmin(t2, t3));
      t0 = f32x4.pmax(t1, t0);
      t2 = f32x4.pmax(t3, t2);
      r1 = highHalves(r0, r2);
      r0 = lowHalves(r0, r2);
      t1 = highHalves(t0, t2);
      t0 = lowHalves(t0, t2);
    } else {
      r0 = f32x4.add(f32x4.add(r0, r2), f32x4.pmin(t0, t2));
      r1 = f32x4.add(f32x4.add(r1, r3), f32x4.pmin(t1, t3));
      t0 = f32x4.pmax(t2, t0);
      t1 = f32x4.pmax(t3, t1);
    }
    const rest = f32x4.add(f32x4.add(r0, r1), f32x4.pmin(t0, t1));
    const top = f32x4.pmax(t1, t0);
    v128.store(scratchPtr, top, TOPS);
    v128.store(scratchPtr, rest, RESTS);
    scratchPtr += 16;
    e += rowBytes << 2;
  }
}

/** L of each row. Whether none is NaN. */
function logarithms(rows: i32, scratchPtr: usize): bool {
  let done = i32x4.splat(-1);
  for (const end = scratchPtr + ((<usize>rows) << 2); scratchPtr < end; scratchPtr += 16) {
    const log = log1pLanes(v128.load(scratchPtr, RESTS), v128.load(scratchPtr, TOPS));
    v128.store(scratchPtr, log, LOGS);
    done = v128.and(done, f32x4.eq(log, log));
  }
  return i32x4.bitmask(done) == 15;
}
