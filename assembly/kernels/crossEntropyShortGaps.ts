/**
 * The losses of crossEntropyShortDense.ts, four rows at a time:
 *
 *   loss = gap + mass · L,   gap = Σ_c t_c · (m − z_c),   mass = Σ_c t_c
 *
 * Stability
 *   As denseTarget.ts. A logit that is not finite makes the gap NaN also where its t is 0; such a row is
 *   done again, class by class, and takes only what has a share.
 */
import { highDoubles, joinSums, lowDoubles, madd, storeDoubles } from "../simd/lanes";
import { MAXIMA } from "./shortMaxima";
import { EXTRAS } from "./shortRows";
import { lastVector } from "./shortSums";
import { LOGS } from "./shortTops";

/** Offset of each row's mass. */
// @ts-ignore: decorator
@inline
export const MASSES: usize = EXTRAS;

/** Losses; leaves each row's mass. */
export function closeRows(
  zPtr: usize,
  rows: i32,
  classes: i32,
  tPtr: usize,
  lane: usize,
  lossPtr: usize,
): void {
  const mask = lastVector(classes);
  const step = (<usize>classes) << 2;
  const away = tPtr - zPtr;
  for (; rows > 0; rows -= 4) {
    let a = zPtr;
    let b = rows > 1 ? a + step : a;
    let c = rows > 2 ? b + step : b;
    let d = rows > 3 ? c + step : c;
    const m0 = v128.load32_splat(lane, MAXIMA);
    const m1 = v128.load32_splat(lane, MAXIMA + 4);
    const m2 = v128.load32_splat(lane, MAXIMA + 8);
    const m3 = v128.load32_splat(lane, MAXIMA + 12);
    // A row's last vector overlaps the one before it, or another row.
    const last = a + step - 16;
    let mass0 = v128.and(v128.load(last + away), mask);
    let mass1 = v128.and(v128.load(last + (b - a) + away), mask);
    let mass2 = v128.and(v128.load(last + (c - a) + away), mask);
    let mass3 = v128.and(v128.load(last + (d - a) + away), mask);
    let gap0 = v128.and(f32x4.mul(mass0, f32x4.sub(m0, v128.load(last))), mask);
    let gap1 = v128.and(f32x4.mul(mass1, f32x4.sub(m1, v128.load(last + (b - a)))), mask);
    let gap2 = v128.and(f32x4.mul(mass2, f32x4.sub(m2, v128.load(last + (c - a)))), mask);
    let gap3 = v128.and(f32x4.mul(mass3, f32x4.sub(m3, v128.load(last + (d - a)))), mask);
    for (; a < last; a += 16) {
      const t0 = v128.load(a + away);
      gap0 = madd(t0, f32x4.sub(m0, v128.load(a)), gap0);
      mass0 = f32x4.add(mass0, t0);
      const t1 = v128.load(b + away);
      gap1 = madd(t1, f32x4.sub(m1, v128.load(b)), gap1);
      mass1 = f32x4.add(mass1, t1);
      const t2 = v128.load(c + away);
      gap2 = madd(t2, f32x4.sub(m2, v128.load(c)), gap2);
      mass2 = f32x4.add(mass2, t2);
      const t3 = v128.load(d + away);
      gap3 = madd(t3, f32x4.sub(m3, v128.load(d)), gap3);
      mass3 = f32x4.add(mass3, t3);
      b += 16;
      c += 16;
      d += 16;
    }
    const mass = joinSums(mass0, mass1, mass2, mass3);
    const loss = madd(mass, v128.load(lane, LOGS), joinSums(gap0, gap1, gap2, gap3));
    v128.store(lane, mass, MASSES);
    storeDoubles(lossPtr, lowDoubles(loss), highDoubles(loss), rows);
    if (i32x4.bitmask(f32x4.ne(loss, loss))) {
      for (let r = 0; r < min(4, rows); r++) {
        const row = zPtr + <usize>r * step;
        closeRow(row, classes, away, lane + ((<usize>r) << 2), lossPtr + ((<usize>r) << 3));
      }
    }
    zPtr += step << 2;
    lane += 16;
    lossPtr += 32;
  }
}

/** The loss, where it is NaN, again without the classes whose t is 0. */
function closeRow(zPtr: usize, classes: i32, away: usize, lane: usize, lossPtr: usize): void {
  let loss = load<f64>(lossPtr);
  if (loss == loss) return;
  const m = load<f32>(lane, MAXIMA);
  let mass: f64 = 0;
  let shared = false;
  loss = 0;
  for (const end = zPtr + ((<usize>classes) << 2); zPtr < end; zPtr += 4) {
    const t = load<f32>(zPtr + away);
    if (t != 0) {
      loss += <f64>t * <f64>(m - load<f32>(zPtr));
      mass += <f64>t;
      shared = true;
    }
  }
  store<f64>(lossPtr, shared ? loss + mass * <f64>load<f32>(lane, LOGS) : 0);
}

/** Adds ζ · lse² to the losses of rows that are not ignored, and 2 · ζ · lse to their masses. */
export function addZLoss(
  rows: i32,
  targetsPtr: usize,
  zLoss: f64,
  lane: usize,
  lossPtr: usize,
): void {
  for (; rows > 0; rows--) {
    if (targetsPtr == 0 || load<i32>(targetsPtr) >= 0) {
      const lse = <f64>load<f32>(lane, MAXIMA) + <f64>load<f32>(lane, LOGS);
      store<f64>(lossPtr, load<f64>(lossPtr) + zLoss * lse * lse);
      store<f32>(lane, <f32>(<f64>load<f32>(lane, MASSES) + 2 * zLoss * lse), MASSES);
    }
    targetsPtr += targetsPtr ? 4 : 0;
    lane += 4;
    lossPtr += 8;
  }
}
