/**
 * Element-wise focal loss of logits x with labels z, and its gradient.
 *
 * Mathematics
 *   z ← z · (1 − ε) + ε / 2,   b = q · z · softplus(−x) + (1 − z) · softplus(x)
 *   u = z · σ(−x) + (1 − z) · σ(x)   (1 − p_t),   α_t = α · z + (1 − α) · (1 − z), or 1 without α
 *   loss = w · α_t · u^γ · b
 *   ∂/∂x = w · α_t · u^γ · [ γ · b · u' / u + (1 − z) · σ(x) − q · z · σ(−x) ],   u' = σ(x) σ(−x) (1 − 2z)
 *   ∂/∂z = keep · w · [ α_t' · u^γ · b + α_t · (γ · u^(γ−1) · ∂u · b + u^γ · ∂b) ],
 *   ∂u = σ(−x) − σ(x),   ∂b = q · softplus(−x) − softplus(x)
 *
 * Stability
 *   u is a sum of terms ≥ 0 and u' / u stays bounded, so γ < 1 is finite at p_t = 1. A coefficient
 *   0 counts as 0 whatever x is; w = 0 marks an ignored element.
 *
 * Layout
 *   γ = 2, the default: four elements at a time in float32, the last ones too. Other γ: one by one
 *   in float64.
 *
 * Domain     γ ≥ 0, α in [0, 1] or negative for none; pointers aligned to 4, lossPtr to 8
 * Max error  as in test/support/tolerance.ts, `focalLossConfident`
 * Source     torchvision (α), optax (soft labels)
 */
import { expOf } from "../math/exp";
import { log1pUnitOf } from "../math/log1p";
import { lowOf, magicOf } from "../math/reference";
import { loadPartial } from "../simd/lanes";
import { enterLogistic, sigmoidDown, sigmoidUp, softplusDown, softplusUp } from "../math/logistic";
import { power } from "../math/logarithm";
import { scratchPtr } from "../simd/scratch";

/** Losses of `length` elements (float64); gradients where gradPtr is not 0 (xPtr is allowed). */
export function sigmoidFocalLoss(
  xPtr: usize,
  gradPtr: usize,
  length: i32,
  zPtr: usize,
  zGradPtr: usize,
  weightPtr: usize,
  posWeightPtr: usize,
  keep: f64,
  share: f64,
  gamma: f64,
  alpha: f64,
  scale: f64,
  upstreamPtr: usize,
  lossPtr: usize,
): void {
  const inLanes = gamma == 2;
  for (let i = 0; i < length && (!inLanes || zGradPtr); i++) {
    const at = (<usize>i) << 2;
    const s = upstreamPtr ? scale * load<f64>(upstreamPtr + (at << 1)) : scale;
    const w: f64 = weightPtr ? load<f32>(weightPtr + at) : 1;
    let loss: f64 = 0;
    let grad: f64 = 0;
    let zGrad: f64 = 0;
    if (w != 0) {
      const x = <f64>load<f32>(xPtr + at);
      const z = <f64>load<f32>(zPtr + at) * keep + share;
      const q: f64 = posWeightPtr ? load<f32>(posWeightPtr + at) : 1;
      const a = 1 - z;
      const b = q * z;
      enterLogistic(x);
      const binary = (a == 0 ? 0 : a * softplusUp) + (b == 0 ? 0 : b * softplusDown);
      const u = z * sigmoidDown + a * sigmoidUp;
      const bent = gamma == 0 ? w : w * power(u, gamma);
      const factor = alpha < 0 ? bent : bent * (alpha * z + (1 - alpha) * a);
      const pull = gamma == 0 || binary == 0 ? 0 : (gamma * binary) / u;
      loss = factor == 0 && x == x ? 0 : factor * binary;
      const bend = sigmoidUp * sigmoidDown * (1 - 2 * z);
      grad = factor * (a * sigmoidUp - b * sigmoidDown + (bend == 0 ? 0 : pull * bend));
      const fall = q == 0 ? 0 : q * softplusDown;
      const gap = sigmoidDown - sigmoidUp;
      if (factor != 0) zGrad = factor * (fall - softplusUp + (gap == 0 ? 0 : pull * gap));
      if (alpha >= 0 && binary != 0) zGrad += bent * (2 * alpha - 1) * binary;
    }
    if (zGradPtr) store<f32>(zGradPtr + at, s == 0 ? 0 : <f32>(s * keep * zGrad));
    if (inLanes) continue;
    store<f64>(lossPtr + (at << 1), loss);
    if (gradPtr) store<f32>(gradPtr + at, s == 0 ? 0 : <f32>(s * grad));
  }
  if (inLanes) {
    const lanesPtr = scratchPtr;
    for (let i = 0; i < length; i += 4) {
      const at = (<usize>i) << 2;
      const lanes = min(4, length - i);
      squared(
        loadLanes(xPtr + at, lanes),
        loadLanes(zPtr + at, lanes),
        weightPtr ? loadLanes(weightPtr + at, lanes) : f32x4.splat(1),
        posWeightPtr ? loadLanes(posWeightPtr + at, lanes) : f32x4.splat(1),
        f32x4.splat(<f32>keep),
        f32x4.splat(<f32>share),
        <f32>alpha,
        lanesPtr,
      );
      for (let j: usize = 0; j < (<usize>lanes) << 2; j += 4) {
        store<f64>(lossPtr + ((at + j) << 1), load<f32>(lanesPtr + j));
        if (gradPtr == 0) continue;
        const s = upstreamPtr ? scale * load<f64>(upstreamPtr + ((at + j) << 1)) : scale;
        const grad = <f64>load<f32>(lanesPtr + j, 16);
        store<f32>(gradPtr + at + j, s == 0 ? 0 : <f32>(s * grad));
      }
    }
  }
}

/** γ = 2: loss and gradient of four elements → lanesPtr. */
// prettier-ignore
// @ts-ignore: decorator
@inline
function squared(
  x: v128, label: v128, w: v128, q: v128, keep: v128, share: v128, alpha: f32, lanesPtr: usize,
): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const two = f32x4.splat(2);
  const z = f32x4.add(f32x4.mul(label, keep), share);
  const a = f32x4.add(f32x4.mul(f32x4.sub(one, label), keep), share);
  const b = f32x4.mul(q, z);
  const e = expOf(f32x4.neg(f32x4.abs(x)), lowOf(0), magicOf(0));
  const tail = log1pUnitOf(e);
  const r = f32x4.div(one, f32x4.add(one, e)); // σ(|x|)
  const er = f32x4.mul(e, r); // σ(−|x|)
  const positive = f32x4.ge(x, zero);
  const up = v128.bitselect(r, er, positive); // σ(x)
  const down = v128.bitselect(er, r, positive); // σ(−x)
  const rise = f32x4.mul(a, f32x4.add(f32x4.pmax(x, zero), tail));
  const fall = f32x4.mul(b, f32x4.add(f32x4.pmax(f32x4.neg(x), zero), tail));
  const binary = f32x4.add(
    v128.and(rise, f32x4.ne(a, zero)), v128.and(fall, f32x4.ne(b, zero)),
  );
  const u = f32x4.add(f32x4.mul(z, down), f32x4.mul(a, up));
  let factor = f32x4.mul(w, f32x4.mul(u, u));
  if (alpha >= 0) {
    const share = f32x4.mul(f32x4.splat(1 - alpha), a);
    factor = f32x4.mul(factor, f32x4.add(f32x4.mul(f32x4.splat(alpha), z), share));
  }
  const used = f32x4.ne(w, zero);
  const counts = v128.or(f32x4.ne(factor, zero), f32x4.ne(x, x)); // 0 · ∞ is 0, NaN stays
  v128.store(lanesPtr, v128.and(f32x4.mul(factor, binary), v128.and(used, counts)));
  const bend = f32x4.mul(f32x4.mul(r, er), f32x4.sub(one, f32x4.mul(two, z)));
  const pull = f32x4.div(f32x4.mul(f32x4.mul(two, binary), bend), u);
  const slope = f32x4.add(
    f32x4.sub(f32x4.mul(a, up), f32x4.mul(b, down)), v128.and(pull, f32x4.ne(bend, zero)),
  );
  v128.store(lanesPtr, v128.and(f32x4.mul(factor, slope), used), 16);
}

// @ts-ignore: decorator
@inline
function loadLanes(ptr: usize, lanes: i32): v128 {
  return lanes == 4 ? v128.load(ptr) : loadPartial(ptr, lanes, 0);
}
