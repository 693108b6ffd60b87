/**
 * crossEntropy for rows of at most 64 classes whose target gives every class a share t_c: class
 * probabilities, or class indices with label smoothing or z-loss. e, m, top, rest and L of
 * shortTops.ts, t of shortShares.ts:
 *
 *   loss = gap + mass · L + ζ · lse²,   gap = Σ_c t_c · (m − z_c),   mass = Σ_c t_c,   lse = m + L
 *   ∂/∂z_j = A · p_j − S · t_j = ((A − S · t_j) · e_j − S · t_j · o_j) / Σ,   o_j = Σ − e_j
 *   with S = scale, A = S · (mass + 2 · ζ · lse), Σ = top + rest
 *
 * Stability
 *   As denseTarget.ts: m − z_c ≥ 0, and terms with t_c = 0 count as 0 whatever z_c is. A row of t = 0 is 0
 *   whatever its logits; with z-loss only an ignored one. o is rest where e is top, so a confident row keeps its relative accuracy: with
 *   one-hot t, A − S · t is 0 exactly, and −S · t · rest / Σ is left.
 *
 * Layout
 *   t stands where denseTarget.ts has its shares. ePtr may be zPtr; it must not be qPtr.
 */
import { nmadd } from "../simd/lanes";
import { crossEntropyTwoRows } from "./crossEntropyTwo";
import { MASSES, addZLoss, closeRows } from "./crossEntropyShortGaps";
import { SHARES } from "./denseTarget";
import { scratchPtr } from "../simd/scratch";
import { EXPS } from "./shortExps";
import { MAXIMA } from "./shortMaxima";
import { MOST_ROWS, chunkRows } from "./shortRows";
import { storeLast } from "./shortSums";
import { loadShares, smoothShares } from "./shortShares";
import { APART, RESTS, TOPS, enterTops } from "./shortTops";

/** Offset of the row that shortShares.ts keeps, and of S / Σ of each row, where m was. */
const COMMON: usize = 14592;
// @ts-ignore: decorator
@inline
const SCALES: usize = MAXIMA;

/** Targets are the probabilities at qPtr, or the indices at targetsPtr where qPtr is 0. */
export function crossEntropyShortDenseRows(
  zPtr: usize,
  ePtr: usize,
  rows: i32,
  classes: i32,
  qPtr: usize,
  targetsPtr: usize,
  weightPtr: usize,
  keep: f32,
  share: f32,
  zLoss: f64,
  scale: f64,
  upstreamPtr: usize,
  tablePtr: usize,
  lossPtr: usize,
): void {
  if (classes == 2 && zLoss == 0) {
    crossEntropyTwoRows(
      zPtr,
      ePtr,
      rows,
      false,
      qPtr,
      targetsPtr,
      weightPtr,
      keep,
      share,
      scale,
      upstreamPtr,
      tablePtr,
      lossPtr,
    );
    return;
  }
  // Room for masses, and behind the shares for the last vector of the last row.
  const chunk = min(MOST_ROWS, chunkRows(classes));
  const shares = scratchPtr + SHARES;
  const common = tablePtr + COMMON;
  const plain = weightPtr == 0 && share == 0;
  for (let i = 0; i < rows; i += chunk) {
    const count = min(chunk, rows - i);
    const bytes = (<usize>(count * classes)) << 2;
    let tPtr = shares;
    if (qPtr) {
      if (plain) tPtr = qPtr;
      else loadShares(qPtr, count, classes, weightPtr, keep, share, shares, common);
      qPtr += bytes;
    } else {
      smoothShares(targetsPtr, count, classes, weightPtr, keep, share, shares, common);
    }
    enterTops(zPtr, count, classes, false, APART, tablePtr);
    closeRows(zPtr, count, classes, tPtr, tablePtr, lossPtr);
    if (zLoss != 0) addZLoss(count, targetsPtr, zLoss, tablePtr, lossPtr);
    if (ePtr) {
      const odd = closeShares(count, scale, upstreamPtr, tablePtr);
      writeRows(ePtr, count, classes, tPtr, tablePtr);
      if (odd) clearRows(ePtr, count, classes, tPtr, targetsPtr, zLoss, scale, upstreamPtr);
      ePtr += bytes;
    }
    zPtr += bytes;
    targetsPtr += targetsPtr ? (<usize>count) << 2 : 0;
    upstreamPtr += upstreamPtr ? (<usize>count) << 3 : 0;
    lossPtr += (<usize>count) << 3;
  }
}

/** Whether `bytes` of float32 are all 0. */
function isZero(ptr: usize, bytes: usize): bool {
  for (const end = ptr + bytes; ptr < end; ptr += 4) if (load<f32>(ptr) != 0) return false;
  return true;
}

/** Leaves S / Σ and A / Σ of each row. Whether a row may have a gradient of zeros. */
function closeShares(rows: i32, scale: f64, upstreamPtr: usize, lane: usize): bool {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  let s = f32x4.splat(<f32>scale);
  let some = i32x4.splat(-1);
  for (; rows > 0; rows -= 4) {
    if (upstreamPtr) {
      for (let r = 0; r < min(4, rows); r++) {
        const own = scale * load<f64>(upstreamPtr + ((<usize>r) << 3));
        store<f32>(lane + ((<usize>r) << 2), <f32>own, SCALES);
      }
      s = v128.load(lane, SCALES);
      upstreamPtr += 32;
    }
    const sum = f32x4.add(v128.load(lane, TOPS), v128.load(lane, RESTS));
    const share = f32x4.mul(s, f32x4.div(one, sum));
    const mass = v128.load(lane, MASSES);
    some = v128.and(some, v128.and(f32x4.ne(s, zero), f32x4.ne(mass, zero)));
    v128.store(lane, share, SCALES);
    v128.store(lane, f32x4.mul(share, mass), MASSES); // as S / Σ · t is rounded: one-hot t leaves 0
    lane += 16;
  }
  return i32x4.bitmask(some) != 15;
}

/** Gradients of the chunk, to ePtr. */
function writeRows(ePtr: usize, rows: i32, classes: i32, tPtr: usize, lane: usize): void {
  const step = (<usize>classes) << 2;
  let e = lane + EXPS;
  for (; rows > 0; rows--) {
    const s = v128.load32_splat(lane, SCALES);
    const a = v128.load32_splat(lane, MASSES);
    const top = v128.load32_splat(lane, TOPS);
    const rest = v128.load32_splat(lane, RESTS);
    // First, second, others, last: a row of at most twelve classes needs no loop, and some may overlap.
    if (classes > 4) {
      v128.store(ePtr, gradientOf(v128.load(e), v128.load(tPtr), s, a, top, rest));
      if (classes > 8) {
        v128.store(ePtr, gradientOf(v128.load(e, 16), v128.load(tPtr, 16), s, a, top, rest), 16);
        for (let at: usize = 32; at < step - 16; at += 16) {
          const g = gradientOf(v128.load(e + at), v128.load(tPtr + at), s, a, top, rest);
          v128.store(ePtr + at, g);
        }
      }
    }
    e += step;
    tPtr += step;
    ePtr += step;
    const g = gradientOf(v128.load(e - 16), v128.load(tPtr - 16), s, a, top, rest);
    storeLast(ePtr - 16, g, classes);
    lane += 4;
  }
}

/** (A − S · t) · e − S · t · o, where s and a are S / Σ and A / Σ. */
// @ts-ignore: decorator
@inline
function gradientOf(e: v128, t: v128, s: v128, a: v128, top: v128, rest: v128): v128 {
  const own = f32x4.mul(s, t);
  const others = f32x4.add(f32x4.sub(top, e), rest);
  return nmadd(own, others, f32x4.mul(f32x4.sub(a, own), e));
}

/** Gradients of 0 where S or every t is 0, whatever the logits; with z-loss where S is 0 or the row ignored. */
function clearRows(
  ePtr: usize,
  rows: i32,
  classes: i32,
  tPtr: usize,
  targetsPtr: usize,
  zLoss: f64,
  scale: f64,
  upstreamPtr: usize,
): void {
  const step = (<usize>classes) << 2;
  for (; rows > 0; rows--) {
    let s = scale;
    if (upstreamPtr) {
      s *= load<f64>(upstreamPtr);
      upstreamPtr += 8;
    }
    const ignored = targetsPtr != 0 && load<i32>(targetsPtr) < 0;
    targetsPtr += targetsPtr ? 4 : 0;
    if (<f32>s == 0 || ignored || (zLoss == 0 && isZero(tPtr, step))) memory.fill(ePtr, 0, step);
    ePtr += step;
    tPtr += step;
  }
}
