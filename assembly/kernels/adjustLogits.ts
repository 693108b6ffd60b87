/**
 * Soft-capping and temperature, before any loss or softmax, and the way back for gradients:
 *
 *   z = cap · tanh(x / cap) / T          ∂z/∂x = (1 − (z · T / cap)²) / T
 *
 * Stability
 *   x / T is one float32 division, as PyTorch's `logits / T`. A finite quotient that overflows is
 *   held at ±FLT_MAX: no NaN is made.
 *   The cap's slope is taken from z; where tanh nears 1 it is exact relative to 1, not to itself.
 *   cap = 0 means no cap.
 *
 * Domain     T > 0, cap ≥ 0; outPtr may be xPtr
 */
import { tanhVector } from "../math/tanh";
import { loadPartial, storePartial } from "../simd/lanes";

export function adjustLogits(
  xPtr: usize,
  outPtr: usize,
  rows: i32,
  classes: i32,
  temperature: f32,
  cap: f32,
): void {
  const bytes = (<usize>classes) << 2;
  for (let i = 0; i < rows; i++) {
    if (cap != 0) capRow(xPtr, outPtr, classes, cap);
    if (temperature != 1) divideRow(cap != 0 ? outPtr : xPtr, outPtr, classes, temperature);
    xPtr += bytes;
    outPtr += bytes;
  }
}

function capRow(xPtr: usize, outPtr: usize, length: i32, cap: f32): void {
  const caps = f32x4.splat(cap);
  for (let i = 0; i < length; i += 4) {
    const at = (<usize>i) << 2;
    const lanes = min(4, length - i);
    const x = lanes == 4 ? v128.load(xPtr + at) : loadPartial(xPtr + at, lanes, 0);
    const z = f32x4.mul(caps, tanhVector(f32x4.div(x, caps)));
    if (lanes == 4) v128.store(outPtr + at, z);
    else storePartial(outPtr + at, z, lanes);
  }
}

// prettier-ignore
const FINITE = memory.data<f32>([
  f32.MAX_VALUE, f32.MAX_VALUE, f32.MAX_VALUE, f32.MAX_VALUE,
  -f32.MAX_VALUE, -f32.MAX_VALUE, -f32.MAX_VALUE, -f32.MAX_VALUE,
], 16);

function divideRow(xPtr: usize, outPtr: usize, length: i32, temperature: f32): void {
  const t = f32x4.splat(temperature);
  const most = v128.load(FINITE);
  const least = v128.load(FINITE, 16);
  for (; length > 3; length -= 4) {
    v128.store(outPtr, quotientOf(v128.load(xPtr), t, most, least));
    xPtr += 16;
    outPtr += 16;
  }
  if (length > 0) {
    const x = loadPartial(xPtr, length, 0);
    storePartial(outPtr, quotientOf(x, t, most, least), length);
  }
}

/** x / t, held at the greatest float32 unless x is infinite. */
// @ts-ignore: decorator
@inline
function quotientOf(x: v128, t: v128, most: v128, least: v128): v128 {
  const z = f32x4.div(x, t);
  const held = f32x4.pmax(f32x4.pmin(z, most), least);
  return v128.bitselect(z, held, f32x4.gt(f32x4.abs(x), most));
}

/** g ← g · (1 − (z · T / cap)²): the cap's part of the chain rule; 1 / T is in the scale. */
export function uncapGradients(
  gradPtr: usize,
  zPtr: usize,
  length: i32,
  temperature: f32,
  cap: f32,
): void {
  for (let i = 0; i < length; i++) {
    const at = (<usize>i) << 2;
    const g = load<f32>(gradPtr + at);
    if (g == 0) continue; // an ignored row stays 0 even beside NaN
    const u = (<f64>load<f32>(zPtr + at) * <f64>temperature) / <f64>cap;
    const slope = max<f64>(0, (1 - u) * (1 + u));
    store<f32>(gradPtr + at, <f32>(<f64>g * slope));
  }
}
