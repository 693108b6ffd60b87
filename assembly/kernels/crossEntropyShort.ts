/**
 * crossEntropy with class indices for rows of at most 64 classes, without z-loss, from the exponentials e of shortExps.ts:
 *
 *   loss = w_y · ln(1 + rest / e_y),   rest = Σ_{j ≠ y} e_j,   Σ = rest + e_y
 *   ∂/∂z_j · scale = A · e_j / Σ,   −A · rest / Σ at the target,   A = scale · w_y
 *
 * Stability
 *   The target never enters rest, so neither a loss of 1e-9 nor its gradient is a difference, and no row
 *   maximum is needed. Rows whose quotient is no normal number (a target of −∞ or beside −∞ only, wide
 *   rows, NaN, ±∞) go to the code for long rows. Ignored rows (y < 0) and rows with A = 0 are 0 even
 *   beside NaN.
 *
 * Layout
 *   Targets are taken out of the exponentials in a loop of their own, long before the vectors around
 *   them are loaded: a load that meets a store on its way waits for it. Four rows share divisions and
 *   logarithm. With `turned` rows come and gradients go as columns (turnColumns.ts).
 */
import { log1pExponent, log1pHigh, log1pTail } from "../math/log1p";
import { highDoubles, lowDoubles, storeDoubles } from "../simd/lanes";
import { crossEntropyRow } from "./crossEntropy";
// prettier-ignore
import {
  EXPS, FACTORS, ROW_EXPS, SUMS, TABLE, TARGETS, TARGET_GRADS, enterShort, placeOf, putBack, rowAt,
} from "./shortExps";
import { crossEntropyTwoRows } from "./crossEntropyTwo";
import { fillScales, putTargets, takeTargets, weighLosses } from "./crossEntropyShortTargets";
import { SHIFTS, shiftShort, smoothLosses } from "./crossEntropyShortSmooth";
import { MOST_ROWS, chunkRows } from "./shortRows";
import { scaleShort, sumShort } from "./shortSums";

/** Quotients that are formed without loss: normal numbers. */
// @ts-ignore: decorator
@inline
const LEAST: f32 = 1.17549435e-38; // 2^−126
// @ts-ignore: decorator
@inline
const MOST: f32 = 8.5070592e37; //    2^126
// prettier-ignore
const LIMITS = memory.data<f32>([
  LEAST, LEAST, LEAST, LEAST,
  MOST, MOST, MOST, MOST,
], 16);

export function crossEntropyShortRows(
  zPtr: usize,
  ePtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  targetsPtr: usize,
  weightPtr: usize,
  smoothing: f64,
  scale: f64,
  upstreamPtr: usize,
  scratchPtr: usize,
  lossPtr: usize,
): void {
  const share = smoothing / <f64>classes;
  if (classes == 2) {
    const keep = <f32>(1 - smoothing);
    crossEntropyTwoRows(
      zPtr,
      ePtr,
      rows,
      turned,
      0,
      targetsPtr,
      weightPtr,
      keep,
      <f32>share,
      scale,
      upstreamPtr,
      scratchPtr,
      lossPtr,
    );
    return;
  }
  const chunk = share == 0 ? chunkRows(classes) : min(MOST_ROWS, chunkRows(classes));
  const rowBytes = (<usize>classes) << 2;
  for (let i = 0; i < rows; i += chunk) {
    const count = min(chunk, rows - i);
    enterShort(zPtr, count, classes, turned, scratchPtr);
    const ignored = takeTargets(count, classes, turned, targetsPtr, scratchPtr);
    sumShort(count, classes, turned, false, scratchPtr);
    const odd = ignored || weightPtr != 0 || upstreamPtr != 0;
    const done = closeLosses(count, scratchPtr, lossPtr);
    if (share != 0) smoothLosses(zPtr, count, classes, targetsPtr, share, lossPtr);
    if (odd) weighLosses(count, targetsPtr, weightPtr, lossPtr);
    if (ePtr) {
      if (odd) fillScales(count, targetsPtr, weightPtr, scale, upstreamPtr, scratchPtr);
      closeGradients(count, odd, <f32>scale, <f32>share, <f32>(smoothing - share), scratchPtr);
    }
    if (!done) {
      for (let r = 0; r < count; r++) {
        const lane = scratchPtr + ((<usize>r) << 2);
        const quotient = load<f32>(lane, SUMS) / load<f32>(lane, TARGETS);
        if (quotient >= LEAST && quotient <= MOST) continue;
        const y = load<i32>(targetsPtr + ((<usize>r) << 2));
        const row = rowAt(zPtr, r, classes, turned, scratchPtr);
        const exps = scratchPtr + EXPS;
        const out = turned ? scratchPtr + ROW_EXPS : rowAt(exps, r, classes, false, 0);
        const rowScale = upstreamPtr ? scale * load<f64>(upstreamPtr + ((<usize>r) << 3)) : scale;
        const loss = crossEntropyRow(
          row,
          ePtr ? out : 0,
          classes,
          y,
          weightPtr,
          smoothing,
          0,
          rowScale,
          scratchPtr + TABLE,
        );
        store<f64>(lossPtr + ((<usize>r) << 3), loss);
        if (!ePtr) continue;
        store<f32>(lane, 1, FACTORS);
        store<f32>(lane, 0, SHIFTS);
        store<f32>(lane, load<f32>(out + ((<usize>max(0, y)) << 2)), TARGET_GRADS);
        if (turned) putBack(exps, r, classes, scratchPtr);
      }
    }
    if (ePtr) {
      if (share != 0) shiftShort(ePtr, count, classes, scratchPtr);
      else scaleShort(ePtr, count, classes, turned, scratchPtr);
      putTargets(ePtr, count, classes, turned, targetsPtr, scratchPtr);
      ePtr += <usize>count * rowBytes;
    }
    zPtr += <usize>count * rowBytes;
    targetsPtr += (<usize>count) << 2;
    upstreamPtr += upstreamPtr ? (<usize>count) << 3 : 0;
    lossPtr += (<usize>count) << 3;
  }
}

/** Losses without weights. Whether they are right: whether every quotient is a normal number. */
function closeLosses(rows: i32, scratchPtr: usize, lossPtr: usize): bool {
  let normal = i32x4.splat(-1);
  for (; rows > 0; rows -= 4) {
    const quotient = f32x4.div(v128.load(scratchPtr, SUMS), v128.load(scratchPtr, TARGETS));
    normal = v128.and(normal, f32x4.ge(quotient, v128.load(LIMITS)));
    normal = v128.and(normal, f32x4.le(quotient, v128.load(LIMITS, 16)));
    const i = log1pExponent(quotient);
    const high = log1pHigh(i);
    const tail = log1pTail(quotient, i);
    const loss01 = f64x2.add(lowDoubles(high), lowDoubles(tail));
    const loss23 = f64x2.add(highDoubles(high), highDoubles(tail));
    storeDoubles(lossPtr, loss01, loss23, rows);
    scratchPtr += 16;
    lossPtr += 32;
  }
  return i32x4.bitmask(normal) == 15;
}

/**
 * Factors A / Σ and the targets' gradients −A · rest / Σ; A is `scale`, or as FACTORS has it. With a share
 * of label smoothing also −A · share, and A · apart in the targets' gradients.
 */
function closeGradients(
  rows: i32,
  odd: bool,
  scale: f32,
  share: f32,
  apart: f32,
  scratchPtr: usize,
): void {
  let a = f32x4.splat(scale);
  for (const end = scratchPtr + ((<usize>rows) << 2); scratchPtr < end; scratchPtr += 16) {
    if (odd) a = v128.load(scratchPtr, FACTORS);
    const rest = v128.load(scratchPtr, SUMS);
    const factor = f32x4.div(a, f32x4.add(rest, v128.load(scratchPtr, TARGETS)));
    v128.store(scratchPtr, factor, FACTORS);
    const gradient = f32x4.mul(a, f32x4.splat(apart));
    if (share != 0) v128.store(scratchPtr, f32x4.mul(a, f32x4.splat(-share)), SHIFTS);
    v128.store(scratchPtr, f32x4.sub(gradient, f32x4.mul(rest, factor)), TARGET_GRADS);
  }
}
