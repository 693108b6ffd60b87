/**
 * Draws a token from a row of logits.
 *
 * Mathematics
 *   Filters in the order top-k, top-p, min-p, typical, each over what the one before has kept
 *   (candidates.ts), then argmax_j (x_j + g_j) with Gumbel noise g (noise.ts).
 *   raw = z_id − logSumExp(z) of the logits as they came, processed = x_id − ln Σ w over what is kept.
 *
 * Stability
 *   Which token is drawn depends on comparisons, integers and float64 arithmetic of the module alone,
 *   so it is the same in both numeric builds and every runtime; raw is as exact as logSoftmax.
 *   Temperature 0 takes the greatest logit, the lowest id in ties, with processed = 0.
 *
 * Layout
 *   The row is read once for the sum of exponentials, once for block maxima where it was changed,
 *   and then only in blocks whose maximum reaches the k-th greatest logit. Nothing is sorted.
 *   Record, 24 bytes: i32 id · i32 status · f64 raw · f64 processed.
 *
 * Domain     C ≥ 1, 0 ≤ topK (0: off), topP and typicalP in [0, 1] (1: off), minP in [0, 1] (0: off)
 * Max error  the draw is exact for the float64 noise; log-probabilities as `logSoftmax`
 */
import { gumbel, gumbelBound, noiseBits, noiseKey } from "../math/noise";
import { blockFind, blockMax } from "../simd/blockMax";
import {
  candidateId,
  candidateMass,
  candidateX,
  count,
  keepMinP,
  keepTopP,
  keepTypical,
  listCandidates,
} from "./candidates";
import { BLOCK, ENTRY, blocksOf, closeRow, enterRow, rowLog, rowLogSumExp } from "./rowTable";
import { enterBestOfRow, worstOf } from "./scoreBest";

// Status of a record: drawn; a logit is NaN or +∞; every logit is −∞ or was masked.
const DRAWN = 0;
const NO_NUMBER = 1;
const ALL_MASKED = 2;

/** zPtr: the logits as they came; xPtr: after penalties and masks, or zPtr itself. */
export function sampleRow(
  zPtr: usize,
  xPtr: usize,
  classes: i32,
  temperature: f64,
  topK: i32,
  topP: f64,
  minP: f64,
  typicalP: f64,
  seed: f64,
  row: f64,
  step: f64,
  heapPtr: usize,
  listPtr: usize,
  tablePtr: usize,
  recordPtr: usize,
): void {
  const blocks = blocksOf(classes);
  enterRow(zPtr, 0, classes, 0, tablePtr);
  closeRow(tablePtr, blocks);
  const logSumExp = rowLogSumExp();
  let status = DRAWN;
  if (rowLog != rowLog) status = logSumExp == -Infinity ? ALL_MASKED : NO_NUMBER;
  if (xPtr != zPtr) enterMaxima(xPtr, classes, tablePtr);
  let m: f32 = -Infinity;
  for (let b = 0; b < blocks; b++) m = max(m, load<f32>(tablePtr + <usize>b * ENTRY));
  if (status == DRAWN && m == -Infinity) status = ALL_MASKED;
  if (status == DRAWN && m == Infinity) status = NO_NUMBER;
  let id = -1;
  let processed: f64 = 0;
  if (status == DRAWN) {
    if (temperature == 0) {
      id = blockFind(xPtr, classes, m);
    } else {
      let bound: f32 = -Infinity;
      if (topK > 0 && topK < classes) {
        enterBestOfRow(xPtr, classes, topK, false, heapPtr, tablePtr);
        bound = worstOf(heapPtr);
      }
      listCandidates(xPtr, classes, m, bound, temperature, tablePtr, listPtr);
      if (topP < 1) keepTopP(topP);
      if (minP > 0) keepMinP(minP);
      if (typicalP < 1) keepTypical(typicalP);
      const chosen = draw(noiseKey(seed, row, step));
      id = candidateId(chosen);
      processed = candidateX(chosen) - NativeMath.log(candidateMass());
    }
  }
  const raw = id < 0 ? NaN : <f64>load<f32>(zPtr + ((<usize>id) << 2)) - logSumExp;
  store<i32>(recordPtr, id);
  store<i32>(recordPtr, status, 4);
  store<f64>(recordPtr, raw, 8);
  store<f64>(recordPtr, processed, 16);
}

/** Index of the candidate with the greatest x + g, the lowest id in ties. */
function draw(key: u64): i32 {
  let best: f64 = -Infinity;
  let chosen = 0;
  for (let i = 0; i < count; i++) {
    const id = candidateId(i);
    const x = candidateX(i);
    const bits = noiseBits(key, id);
    if (x + gumbelBound(bits) < best) continue;
    const value = x + gumbel(bits);
    if (value > best || (value == best && id < candidateId(chosen))) {
      best = value;
      chosen = i;
    }
  }
  return chosen;
}

/** Block maxima of a changed row, where enterRow leaves those of the row as it came. */
function enterMaxima(xPtr: usize, classes: i32, tablePtr: usize): void {
  for (let start = 0; start < classes; start += BLOCK) {
    const x = xPtr + ((<usize>start) << 2);
    const length = min(BLOCK, classes - start);
    const entry = tablePtr + <usize>(start / BLOCK) * ENTRY;
    const m = blockMax(x, length);
    store<f32>(entry, m);
    store<i32>(entry, start + blockFind(x, length, m), 4);
  }
}
