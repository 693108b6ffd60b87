/**
 * Targets that give every class a share t_c: label smoothing and class probabilities.
 *
 * Mathematics
 *   t_c = w_c · (q_c · keep + share)            (q = probabilities; keep = 1 − ε, share = ε / C)
 *   Σ_c t_c · (lse − z_c) = gap + mass · L,   gap = Σ_c t_c · (m − z_c),   mass = Σ_c t_c
 *   with m and L = lse − m of rowTable.ts. Blocks measure gaps from their own maximum:
 *   gap = Σ_b [gap_b + (m − m_b) · mass_b].
 *
 * Stability
 *   m − z_c ≥ 0, so with t ≥ 0 nothing cancels; one-hot probabilities at the maximum have gap 0
 *   exactly and keep L's relative accuracy. Terms with t_c = 0 count as 0 whatever z_c is.
 *
 * Layout
 *   gap_b, mass_b and whether any t_c ≠ 0 stand in the block's entry of the row table. Sums are float32 within a block,
 *   first with every term; only where that gives NaN again, term by term.
 */
import { loadPartial, madd, sumLanes } from "../simd/lanes";
import { BLOCK, ENTRY, rowMax } from "./rowTable";
import { scratchPtr } from "../simd/scratch";

/** Places in the scratch of the instance. */
const ONES: usize = 0;
// @ts-ignore: decorator
@inline
export const SHARES: usize = 4096;

/** gap and mass of the closed row, and whether any t_c ≠ 0. */
export let rowGap: f64 = 0;
export let rowMass: f64 = 0;
export let rowShared: bool = false;

/**
 * Address of t for one block. Without `qPtr` it is w itself (or ones): the direction of label
 * smoothing, whose share the caller multiplies in.
 */
export function denseShares(
  qPtr: usize,
  weightPtr: usize,
  length: i32,
  keep: f32,
  share: f32,
): usize {
  if (qPtr == 0) {
    if (weightPtr) return weightPtr;
    const ones = scratchPtr + ONES;
    if (load<f32>(ones) == 0) {
      for (let i = 0; i < BLOCK; i++) store<f32>(ones + ((<usize>i) << 2), 1);
    }
    return ones;
  }
  if (weightPtr == 0 && share == 0) return qPtr;
  const shares = scratchPtr + SHARES;
  for (let i = 0; i < length; i++) {
    const at = (<usize>i) << 2;
    const q = load<f32>(qPtr + at) * keep + share;
    const w: f32 = weightPtr ? load<f32>(weightPtr + at) : 1;
    store<f32>(shares + at, w == 0 ? 0 : w * q);
  }
  return shares;
}

/** Writes gap_b and mass_b of a block whose maximum is `m` into its entry. */
export function enterGap(zPtr: usize, tPtr: usize, length: i32, m: f32, entry: usize): void {
  const base = f32x4.splat(m == -Infinity ? 0 : m);
  const zero = f32x4.splat(0);
  const away = tPtr - zPtr;
  const end = zPtr + ((<usize>length) << 2);
  const end8 = zPtr + ((<usize>(length & ~7)) << 2);
  let gap = zero;
  let gap1 = zero;
  let mass = zero;
  let mass1 = zero;
  let bits = zero;
  let p = zPtr;
  for (; p < end8; p += 32) {
    const t0 = v128.load(p + away);
    gap = madd(t0, f32x4.sub(base, v128.load(p)), gap);
    mass = f32x4.add(mass, t0);
    const t1 = v128.load(p + away, 16);
    gap1 = madd(t1, f32x4.sub(base, v128.load(p, 16)), gap1);
    mass1 = f32x4.add(mass1, t1);
    bits = v128.or(bits, v128.or(t0, t1));
  }
  let sum: f32 = 0;
  let again = false;
  while (true) {
    for (; p < end; p += 16) {
      const lanes = min(4, <i32>((end - p) >> 2));
      const t = lanes == 4 ? v128.load(p + away) : loadPartial(p + away, lanes, 0);
      const z = lanes == 4 ? v128.load(p) : loadPartial(p, lanes, 0);
      const term = f32x4.mul(t, f32x4.sub(base, z));
      gap = f32x4.add(gap, v128.and(term, f32x4.ne(t, zero)));
      mass = f32x4.add(mass, t);
      bits = v128.or(bits, t);
    }
    sum = sumLanes(f32x4.add(gap, gap1));
    if (sum == sum || again) break;
    // From the start, without the terms 0 · ∞ and 0 · NaN.
    again = true;
    p = zPtr;
    gap = gap1 = mass = mass1 = zero;
  }
  store<f32>(entry, sum, 16);
  store<f32>(entry, sumLanes(f32x4.add(mass, mass1)), 20);
  store<i32>(entry, <i32>v128.any_true(i32x4.shl(bits, 1)), 24); // ±0 has no bit but its sign
}

/** Joins the gaps of a row after closeRow. */
export function closeGaps(tablePtr: usize, blocks: i32): void {
  let gap: f64 = 0;
  let mass: f64 = 0;
  let shared = false;
  const m = rowMax == -Infinity ? <f64>0 : <f64>rowMax;
  for (let b = 0; b < blocks; b++) {
    const entry = tablePtr + <usize>b * ENTRY;
    const blockM = load<f32>(entry);
    const blockMass = <f64>load<f32>(entry, 20);
    gap += <f64>load<f32>(entry, 16);
    if (blockMass != 0) gap += (m - (blockM == -Infinity ? 0 : <f64>blockM)) * blockMass;
    mass += blockMass;
    shared = shared || load<i32>(entry, 24) != 0;
  }
  rowGap = gap;
  rowMass = mass;
  rowShared = shared;
}
