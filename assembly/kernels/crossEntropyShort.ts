/**
 * crossEntropy with class indices for rows of at most 64 classes, without z-loss, from the exponentials e of shortExps.ts:
 *
 *   loss = w_y · ln(1 + rest / e_y),   rest = Σ_{j ≠ y} e_j,   Σ = rest + e_y
 *   ∂/∂z_j · scale = A · e_j / Σ,   −A · rest / Σ at the target,   A = scale · w_y
 *
 * Stability
 *   The target never enters rest, so neither a loss of 1e-9 nor its gradient is a difference, and no row
 *   maximum is needed. Rows whose e_y and rest are too far apart (a target of −∞ or beside −∞ only, wide
 *   rows, NaN, ±∞) go to the code for long rows. Ignored rows (y < 0) and rows with A = 0 are 0 even
 *   beside NaN.
 *
 * Layout
 *   Targets are taken out of the exponentials in a loop of their own, long before the vectors around
 *   them are loaded: a load that meets a store on its way waits for it. −rest takes their places, which
 *   A / Σ scales as it does the others. Four rows share divisions and logarithm. With `turned` rows come
 *   and gradients go as columns (turnColumns.ts).
 */
import { log1pExponent, log1pHigh, log1pRatio, log1pTail } from "../math/log1p";
import { highDoubles, lowDoubles, storeDoubles } from "../simd/lanes";
import { crossEntropyRow } from "./crossEntropy";
// prettier-ignore
import {
  EXPS, FACTORS, ROW_EXPS, SUMS, TABLE, TARGETS, enterShort, putBack, rowAt,
} from "./shortExps";
import { crossEntropyTwoRows } from "./crossEntropyTwo";
import { fillScales, putTargets, takeTargets, weighLosses } from "./crossEntropyShortTargets";
import { SHIFTS, shiftShort, smoothLosses } from "./crossEntropyShortSmooth";
import { chunkRows } from "./shortRows";
import { scaleShort } from "./shortScale";
import { sumShort } from "./shortSums";

/** Rows whose rest and e_y are apart by no more than float32 can bear: e_y ≤ rest · 2^100, e_y > 0. */
// @ts-ignore: decorator
@inline
const APART: f32 = 1.2676506002282294e30; // 2^100
const LIMIT = memory.data<f32>([APART, APART, APART, APART], 16);

/** Offset of n of each of 256 rows, which have s where factors will be. */
// @ts-ignore: decorator
@inline
const EXPONENTS: usize = 3072;

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
  const chunk = min(256, chunkRows(classes));
  const rowBytes = (<usize>classes) << 2;
  for (let i = 0; i < rows; i += chunk) {
    const count = min(chunk, rows - i);
    enterShort(zPtr, count, classes, turned, scratchPtr);
    const ignored = takeTargets(count, classes, turned, targetsPtr, scratchPtr);
    sumShort(count, classes, turned, scratchPtr);
    const odd = ignored || weightPtr != 0 || upstreamPtr != 0;
    const done = quotients(count, scratchPtr);
    closeLosses(count, scratchPtr, lossPtr);
    if (share != 0) smoothLosses(zPtr, count, classes, targetsPtr, share, lossPtr);
    if (odd) weighLosses(count, targetsPtr, weightPtr, lossPtr);
    if (ePtr) {
      if (odd) fillScales(count, targetsPtr, weightPtr, scale, upstreamPtr, scratchPtr);
      closeGradients(count, odd, <f32>scale, <f32>share, <f32>smoothing, scratchPtr);
    }
    if (!done) {
      for (let r = 0; r < count; r++) {
        const lane = scratchPtr + ((<usize>r) << 2);
        const e = load<f32>(lane, TARGETS);
        if (e > 0 && e <= load<f32>(lane, SUMS) * APART) continue;
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
        if (turned) putBack(exps, r, classes, scratchPtr);
      }
    }
    if (ePtr) {
      if (share != 0) shiftShort(ePtr, count, classes, scratchPtr);
      else scaleShort(ePtr, count, classes, turned, scratchPtr);
      ePtr += <usize>count * rowBytes;
    }
    zPtr += <usize>count * rowBytes;
    targetsPtr += (<usize>count) << 2;
    upstreamPtr += upstreamPtr ? (<usize>count) << 3 : 0;
    lossPtr += (<usize>count) << 3;
  }
}

/** n and s of log1p.ts for each row. Whether no row has rest and e_y too far apart. */
function quotients(rows: i32, scratchPtr: usize): bool {
  const zero = f32x4.splat(0);
  const limit = v128.load(LIMIT);
  let near = i32x4.splat(-1);
  for (const end = scratchPtr + ((<usize>rows) << 2); scratchPtr < end; scratchPtr += 16) {
    const rest = v128.load(scratchPtr, SUMS);
    const e = v128.load(scratchPtr, TARGETS);
    near = v128.and(near, f32x4.gt(e, zero));
    near = v128.and(near, f32x4.le(e, f32x4.mul(rest, limit)));
    const sum = f32x4.add(rest, e);
    const i = log1pExponent(sum, e);
    v128.store(scratchPtr, f32x4.convert_i32x4_s(i), EXPONENTS);
    v128.store(scratchPtr, log1pRatio(rest, sum, e, i), FACTORS);
  }
  return i32x4.bitmask(near) == 15;
}

/** Losses without weights. */
function closeLosses(rows: i32, scratchPtr: usize, lossPtr: usize): void {
  for (; rows > 0; rows -= 4) {
    const n = v128.load(scratchPtr, EXPONENTS);
    const high = log1pHigh(n);
    const tail = log1pTail(v128.load(scratchPtr, FACTORS), n);
    const loss01 = f64x2.add(lowDoubles(high), lowDoubles(tail));
    const loss23 = f64x2.add(highDoubles(high), highDoubles(tail));
    storeDoubles(lossPtr, loss01, loss23, rows);
    scratchPtr += 16;
    lossPtr += 32;
  }
}

/**
 * Factors A / Σ, and −rest in the targets' places; A is `scale`, or as FACTORS has it. With a share of label
 * smoothing also −A · share, and smoothing · Σ in the targets' places.
 */
function closeGradients(
  rows: i32,
  odd: bool,
  scale: f32,
  share: f32,
  smoothing: f32,
  scratchPtr: usize,
): void {
  const zero = f32x4.splat(0);
  let a = f32x4.splat(scale);
  for (const end = scratchPtr + ((<usize>rows) << 2); scratchPtr < end; scratchPtr += 16) {
    if (odd) a = v128.load(scratchPtr, FACTORS);
    const rest = v128.load(scratchPtr, SUMS);
    const sum = f32x4.add(rest, v128.load(scratchPtr, TARGETS));
    v128.store(scratchPtr, f32x4.div(a, sum), FACTORS);
    let own = zero;
    if (share != 0) {
      own = f32x4.mul(sum, f32x4.splat(smoothing));
      v128.store(scratchPtr, f32x4.mul(a, f32x4.splat(-share)), SHIFTS);
    }
    // 0 where A is, not −0
    putTargets(scratchPtr, v128.and(f32x4.sub(own, rest), f32x4.ne(a, zero)));
  }
}
