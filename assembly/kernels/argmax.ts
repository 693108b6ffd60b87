/**
 * Row-wise index of the greatest logit:  min { j : z_j = max_c z_c }
 *
 * Stability
 *   NaN counts as greatest and the first NaN wins, as in PyTorch. −0 equals 0.
 *
 * Layout
 *   One visit for the maximum and for whether a NaN is present, one for the place.
 *
 * Domain     C ≥ 1, zPtr aligned to 4; outPtr holds int32
 */
import { blockFind, blockMax } from "../simd/blockMax";
import { loadPartial } from "../simd/lanes";

let bestValue: f32 = 0;
let bestIndex: i32 = 0;
let bestNaN: bool = false;

export function argmaxRows(zPtr: usize, outPtr: usize, rows: i32, classes: i32): void {
  for (let i = 0; i < rows; i++) {
    argmaxSegment(zPtr, classes, 0);
    argmaxClose(outPtr);
    zPtr += (<usize>classes) << 2;
    outPtr += 4;
  }
}

/** Takes in `length` logits from class `first` on; first = 0 begins a row. */
export function argmaxSegment(zPtr: usize, length: i32, first: i32): void {
  if (first == 0) {
    bestValue = -Infinity;
    bestIndex = 0;
    bestNaN = false;
  }
  if (bestNaN || length == 0) return;
  const nan = findNaN(zPtr, length);
  if (nan < length) {
    bestNaN = true;
    bestIndex = first + nan;
    return;
  }
  const m = blockMax(zPtr, length);
  if (m > bestValue) {
    bestValue = m;
    bestIndex = first + blockFind(zPtr, length, m);
  }
}

export function argmaxClose(outPtr: usize): void {
  store<i32>(outPtr, bestIndex);
}

/** Index of the first NaN, or `length`. */
function findNaN(zPtr: usize, length: i32): i32 {
  const whole = length & ~15;
  let i = 0;
  for (; i < whole; i += 16) {
    const at = zPtr + ((<usize>i) << 2);
    const z0 = v128.load(at);
    const z1 = v128.load(at, 16);
    const z2 = v128.load(at, 32);
    const z3 = v128.load(at, 48);
    const nan = v128.or(
      v128.or(f32x4.ne(z0, z0), f32x4.ne(z1, z1)),
      v128.or(f32x4.ne(z2, z2), f32x4.ne(z3, z3)),
    );
    if (i32x4.bitmask(nan)) break;
  }
  for (; i < length; i += 4) {
    const at = zPtr + ((<usize>i) << 2);
    const z = i + 4 <= length ? v128.load(at) : loadPartial(at, length - i, 0);
    const hits = i32x4.bitmask(f32x4.ne(z, z));
    if (hits) return i + ctz(hits);
  }
  return length;
}
