/**
 * crossEntropy for rows of at most 64 classes whose target gives every class a share t_c: class
 * probabilities, or class indices with label smoothing; without z-loss. e, m, top, rest and L of
 * shortTops.ts, t of shortShares.ts:
 *
 *   loss = gap + mass · L,   gap = Σ_c t_c · (m − z_c),   mass = Σ_c t_c
 *   ∂/∂z_j = A · p_j − S · t_j = ((A − S · t_j) · e_j − S · t_j · o_j) / Σ,   o_j = Σ − e_j
 *   with S = scale, A = S · mass, Σ = top + rest
 *
 * Stability
 *   As denseTarget.ts: m − z_c ≥ 0, and terms with t_c = 0 count as 0 whatever z_c is. A row of t = 0 is 0
 *   whatever its logits. o is rest where e is top, so a confident row keeps its relative accuracy: with
 *   one-hot t, A − S · t is 0 exactly, and −S · t · rest / Σ is left.
 *
 * Layout
 *   t stands where denseTarget.ts has its shares. ePtr may be zPtr; it must not be qPtr.
 */
import { loadUpTo } from "../simd/chunkExp";
import { nmadd, storePartial, sumLanes } from "../simd/lanes";
import { SHARES } from "./denseTarget";
import { scratchPtr } from "../simd/scratch";
import { EXPS } from "./shortExps";
import { MAXIMA } from "./shortMaxima";
import { chunkRows } from "./shortRows";
import { loadShares, smoothShares } from "./shortShares";
import { lastLanes } from "./shortSums";
import { APART, LOGS, RESTS, TOPS, enterTops } from "./shortTops";

/** Offset of the row that shortShares.ts keeps, and of each row's mass, where L was. */
const COMMON: usize = 14592;
// @ts-ignore: decorator
@inline
const MASSES: usize = LOGS;

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
  scale: f64,
  upstreamPtr: usize,
  tablePtr: usize,
  lossPtr: usize,
): void {
  // Vectors reach past the last row, which two classes leave no room for.
  const chunk = chunkRows(classes) - (classes == 2 ? 4 : 0);
  const shares = scratchPtr + SHARES;
  const common = tablePtr + COMMON;
  for (let i = 0; i < rows; i += chunk) {
    const count = min(chunk, rows - i);
    const bytes = (<usize>(count * classes)) << 2;
    if (qPtr) {
      loadShares(qPtr, count, classes, weightPtr, keep, share, shares, common);
      qPtr += bytes;
    } else {
      smoothShares(targetsPtr, count, classes, weightPtr, keep, share, shares, common);
      targetsPtr += (<usize>count) << 2;
    }
    enterTops(zPtr, count, classes, false, APART, tablePtr);
    closeRows(zPtr, count, classes, shares, tablePtr, lossPtr);
    if (ePtr) {
      writeRows(ePtr, count, classes, shares, scale, upstreamPtr, tablePtr);
      ePtr += bytes;
    }
    zPtr += bytes;
    upstreamPtr += upstreamPtr ? (<usize>count) << 3 : 0;
    lossPtr += (<usize>count) << 3;
  }
}

/** Losses; leaves each row's mass. */
function closeRows(
  zPtr: usize,
  rows: i32,
  classes: i32,
  shares: usize,
  lane: usize,
  lossPtr: usize,
): void {
  const zero = f32x4.splat(0);
  const mask = lastLanes(classes, false, 0);
  const step = (<usize>classes) << 2;
  const back = (<usize>(-classes & 3)) << 2;
  const zEnd = zPtr + <usize>rows * step;
  for (; rows > 0; rows--) {
    const m = v128.load32_splat(lane + MAXIMA);
    let gap = zero;
    let mass = zero;
    for (const last = zPtr + step + back - 16; zPtr < last; zPtr += 16) {
      const t = v128.load(shares);
      gap = f32x4.add(gap, termOf(t, m, v128.load(zPtr), zero));
      mass = f32x4.add(mass, t);
      shares += 16;
    }
    const t = v128.and(v128.load(shares), mask);
    const z = zPtr + 16 <= zEnd ? v128.load(zPtr) : loadUpTo(zPtr, zEnd);
    gap = f32x4.add(gap, termOf(t, m, z, zero));
    const sum = sumLanes(f32x4.add(mass, t));
    zPtr += 16 - back;
    shares += 16 - back;
    let loss = <f64>sumLanes(gap) + <f64>sum * <f64>load<f32>(lane, LOGS);
    if (sum == 0 && isZero(shares - step, step)) loss = 0;
    store<f64>(lossPtr, loss);
    store<f32>(lane, sum, MASSES);
    lane += 4;
    lossPtr += 8;
  }
}

/** t · (m − z); 0 where t is 0. */
// @ts-ignore: decorator
@inline
function termOf(t: v128, m: v128, z: v128, zero: v128): v128 {
  return v128.and(f32x4.mul(t, f32x4.sub(m, z)), f32x4.ne(t, zero));
}

/** Whether `bytes` of float32 are all 0. */
function isZero(ptr: usize, bytes: usize): bool {
  for (const end = ptr + bytes; ptr < end; ptr += 4) if (load<f32>(ptr) != 0) return false;
  return true;
}

/** Gradients of the chunk, to ePtr. */
function writeRows(
  ePtr: usize,
  rows: i32,
  classes: i32,
  shares: usize,
  scale: f64,
  upstreamPtr: usize,
  lane: usize,
): void {
  const step = (<usize>classes) << 2;
  let exps = lane + EXPS;
  for (; rows > 0; rows--) {
    let factor = scale;
    if (upstreamPtr) {
      factor *= load<f64>(upstreamPtr);
      upstreamPtr += 8;
    }
    const scaled = <f32>factor;
    if (scaled == 0 || (load<f32>(lane, MASSES) == 0 && isZero(shares, step))) {
      memory.fill(ePtr, 0, step);
    } else {
      const s = f32x4.splat(scaled);
      const a = f32x4.mul(s, v128.load32_splat(lane + MASSES)); // as S · t is rounded, so that one-hot t leaves 0
      const top = v128.load32_splat(lane + TOPS);
      const rest = v128.load32_splat(lane + RESTS);
      const sum = f32x4.add(top, rest);
      const inverse = f32x4.div(f32x4.splat(1), sum);
      for (let at: usize = 0; ; at = min(at + 16, step - 16)) {
        const e = v128.load(exps + at);
        const own = f32x4.mul(s, v128.load(shares + at));
        const others = v128.bitselect(rest, f32x4.sub(sum, e), f32x4.eq(e, top));
        const g = f32x4.mul(nmadd(own, others, f32x4.mul(f32x4.sub(a, own), e)), inverse);
        if (classes < 4) {
          storePartial(ePtr, g, classes);
          break;
        }
        v128.store(ePtr + at, g);
        if (at + 16 == step) break;
      }
    }
    ePtr += step;
    exps += step;
    shares += step;
    lane += 4;
  }
}
