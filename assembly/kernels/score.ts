/**
 * What there is to know of each row of logits z, shape (N, C), in one visit: a record a row.
 *
 * Mathematics
 *   loss = lse − z_y = (m − z_y) + L,   confidence = p_max = top / Σ,   with m and L of rowTable.ts
 *   entropy = Σ_j p_j · (lse − z_j) = L + Σ_j p_j · (m − z_j)
 *   Brier = Σ_{c≠y} p_c² + (1 − p_y)²
 *   margin = m − second greatest logit,   rank = #{ j : z_j > z_y }
 *
 * Stability
 *   All sums have terms ≥ 0. The largest term of a block stays outside of its sums, so 1 − p_y and
 *   the squares of the others keep their relative accuracy in a confident row.
 *   Block b holds g_b relative to m_b: Σ_j e_j (m − z_j) = g_b + s_b · (m − m_b).
 *
 * Layout
 *   Block by block (scoreBlock.ts), then the candidates of the top k (scoreBest.ts); memory is read
 *   once. Entry of a block as in rowTable.ts, with g_b at 16 and q_b at 20 (without the largest).
 *   Record, 64 bytes: f64 loss · f64 logSumExp · f64 entropy · f64 confidence · f64 Brier ·
 *   f32 max · f32 margin · i32 argmax · i32 rank · i32 flags · i32 ties, classes before y
 *   with the target's logit (counted with `squares`).
 *   A row without target (y < 0): loss and Brier NaN, rank −1. Without `squares` Brier means nothing.
 *
 * Domain     C ≥ 1, y < C, pointers aligned to 4, recordPtr, heapPtr and tablePtr to 8
 * Max error  as in test/support/tolerance.ts, `score…`
 */
import { rescale, topOf } from "../math/reference";
import {
  BLOCK,
  ENTRY,
  blocksOf,
  closeRow,
  entryOf,
  rowArgmax,
  rowLog,
  rowLogSumExp,
  rowMax,
  rowRest,
  rowTop,
} from "./rowTable";
import { closeBest, enterBest, enterBestOfRow } from "./scoreBest";
import {
  above,
  beginScore,
  enterScore,
  hasInfinity,
  least,
  nanIndex,
  second,
  targetLogit,
  tied,
} from "./scoreBlock";

const RECORD: usize = 64;

// Flags: NaN, +∞ or −∞ among the logits, and nothing but −∞.
const HAS_NAN = 1;
const HAS_INFINITY = 2;
const HAS_MASKED = 4;
const ALL_MASKED = 8;

/** Records of `rows` rows; the k best log-probabilities and indices of each where k > 0. */
export function scoreRows(
  zPtr: usize,
  rows: i32,
  classes: i32,
  targetsPtr: usize,
  recordPtr: usize,
  squares: bool,
  k: i32,
  floor: f64,
  valuesPtr: usize,
  indicesPtr: usize,
  heapPtr: usize,
  tablePtr: usize,
): void {
  for (let i = 0; i < rows; i++) {
    const record = recordPtr + <usize>i * RECORD;
    const z = zPtr + ((<usize>i * <usize>classes) << 2);
    const at = (<usize>i * <usize>k) << 2;
    const y = targetsPtr ? load<i32>(targetsPtr + ((<usize>i) << 2)) : -1;
    const target = y < 0 ? <f32>Infinity : load<f32>(z + ((<usize>y) << 2));
    scoreSegment(z, classes, 0, y, target, 0, squares, heapPtr, tablePtr);
    if (k > 0) enterBestOfRow(z, classes, k, nanIndex >= 0, heapPtr, tablePtr);
    scoreClose(classes, y, record, k, floor, valuesPtr + at, indicesPtr + at, heapPtr, tablePtr);
  }
}

/** Takes in `length` logits from class `first` on. `target` is z_y, +∞ where there is none. */
export function scoreSegment(
  zPtr: usize,
  length: i32,
  first: i32,
  y: i32,
  target: f32,
  k: i32,
  squares: bool,
  heapPtr: usize,
  tablePtr: usize,
): void {
  if (first == 0) beginScore(y, target);
  for (let start = 0; start < length; start += BLOCK) {
    const from = first + start;
    const z = zPtr + ((<usize>start) << 2);
    const count = min(BLOCK, length - start);
    const entry = entryOf(tablePtr, from);
    const hasNaN = enterScore(z, count, from, squares, entry);
    if (k > 0) enterBest(z, count, from, k, load<f32>(entry), hasNaN, heapPtr);
  }
}

/** Joins the entries of the row and writes its record; y < 0 for no target. */
export function scoreClose(
  classes: i32,
  y: i32,
  recordPtr: usize,
  k: i32,
  floor: f64,
  valuesPtr: usize,
  indicesPtr: usize,
  heapPtr: usize,
  tablePtr: usize,
): void {
  const blocks = blocksOf(classes);
  closeRow(tablePtr, blocks);
  let gaps: f64 = 0; // Σ e_j (m − z_j)
  let squares: f64 = 0; // Σ e_j² without the greatest
  for (let b = 0; b < blocks; b++) {
    const entry = tablePtr + <usize>b * ENTRY;
    const m = load<f32>(entry);
    if (m == -Infinity) continue;
    const share = rescale(m, rowMax);
    const top = topOf(m);
    const sum = load<f64>(entry, 8) + top;
    gaps += share * (<f64>load<f32>(entry, 16) + sum * (<f64>rowMax - <f64>m));
    squares += share * share * <f64>load<f32>(entry, 20);
    if (load<i32>(entry, 4) != rowArgmax) squares += share * share * top * top;
  }
  const sum = rowTop + rowRest;
  const isNumber = rowLog == rowLog;
  const hasNaN = nanIndex >= 0;
  const loss = <f64>rowMax - <f64>targetLogit + rowLog;
  store<f64>(recordPtr, y < 0 ? NaN : loss);
  store<f64>(recordPtr, rowLogSumExp(), 8);
  store<f64>(recordPtr, isNumber ? rowLog + gaps / sum : NaN, 16);
  store<f64>(recordPtr, isNumber ? rowTop / sum : NaN, 24);
  store<f64>(recordPtr, y < 0 || !isNumber ? NaN : brierOf(y, loss, squares, sum), 32);
  store<f32>(recordPtr, hasNaN ? NaN : rowMax, 40);
  store<f32>(recordPtr, hasNaN ? NaN : rowMax - second, 44);
  store<i32>(recordPtr, hasNaN ? nanIndex : rowArgmax, 48);
  store<i32>(recordPtr, y < 0 ? -1 : targetLogit == targetLogit ? above : 0, 52);
  let flags = hasNaN ? HAS_NAN : 0;
  if (hasInfinity) flags |= HAS_INFINITY;
  if (least == -Infinity) flags |= HAS_MASKED;
  if (rowMax == -Infinity && !hasNaN) flags |= ALL_MASKED;
  store<i32>(recordPtr, flags, 56);
  store<i32>(recordPtr, tied, 60);
  if (k > 0) closeBest(valuesPtr, indicesPtr, k, floor, heapPtr);
}

function brierOf(y: i32, loss: f64, squares: f64, sum: f64): f64 {
  const others = squares / (sum * sum); // Σ p² without the greatest
  const rest = rowRest / sum; // 1 − p_max
  if (y == rowArgmax) return others + rest * rest;
  const p = NativeMath.exp(-loss);
  return max(0, others - p * p) + (rowTop / sum) * (rowTop / sum) + (1 - p) * (1 - p);
}
