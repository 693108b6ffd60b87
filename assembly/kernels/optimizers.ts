/**
 * One step of an optimizer over a parameter θ with gradient g, as PyTorch defines it:
 *
 *   g ← gradScale · g + l2 · θ
 *   SGD    b ← momentum · b + keep · g,   θ ← θ − rate · g − momentRate · b
 *   Adam   m ← β1 · m + (1 − β1) · g,     v ← β2 · v + (1 − β2) · g²
 *          θ ← shrink · θ − rate · m / (√v · root + ε)
 *
 *   From the caller, in float64 until then: rate = learningRate / (1 − β1^t) and root = 1 / √(1 − β2^t)
 *   (PyTorch), or rate = learningRate · √(1 − β2^t) / (1 − β1^t) and root = 1 (TensorFlow);
 *   shrink = 1 − learningRate · decay (AdamW); keep = 1 − dampening, 1 in the first step; with momentum
 *   rate = 0 and momentRate = learningRate, with Nesterov's learningRate and learningRate · momentum.
 *
 * Layout
 *   Four elements at a time in float32. The last vector may reach into the padding of its block:
 *   what stands there is read and written, and means nothing.
 *
 * Domain     whole tensors, aligned to 16 and padded to it, that do not overlap; momentPtr 0 for SGD
 *            without momentum
 * Max error  100 steps within 1e-5 relative of float64, test/support/tolerance.ts `optimizer`
 * Source     PyTorch `_single_tensor_sgd`, `_single_tensor_adam`; semantics of `tf.keras` Adam
 */
import { madd, nmadd } from "../simd/lanes";

// prettier-ignore
export function sgdStep(
  parameterPtr: usize, gradPtr: usize, momentPtr: usize, length: i32, gradScale: f32, l2: f32,
  rate: f32, momentum: f32, keep: f32, momentRate: f32,
): void {
  for (let i = 0; i < length; i += 4) {
    const at = <usize>i << 2;
    let theta = v128.load(parameterPtr + at);
    const g = madd(f32x4.splat(l2), theta, f32x4.mul(f32x4.splat(gradScale), v128.load(gradPtr + at)));
    theta = nmadd(f32x4.splat(rate), g, theta);
    if (momentPtr) {
      const b = madd(f32x4.splat(momentum), v128.load(momentPtr + at), f32x4.mul(f32x4.splat(keep), g));
      v128.store(momentPtr + at, b);
      theta = nmadd(f32x4.splat(momentRate), b, theta);
    }
    v128.store(parameterPtr + at, theta);
  }
}

// prettier-ignore
export function adamStep(
  parameterPtr: usize, gradPtr: usize, momentPtr: usize, squarePtr: usize, length: i32,
  gradScale: f32, l2: f32, shrink: f32, beta1: f32, rest1: f32, beta2: f32, rest2: f32,
  rate: f32, root: f32, epsilon: f32,
): void {
  for (let i = 0; i < length; i += 4) {
    const at = <usize>i << 2;
    const theta = v128.load(parameterPtr + at);
    const g = madd(f32x4.splat(l2), theta, f32x4.mul(f32x4.splat(gradScale), v128.load(gradPtr + at)));
    const m = madd(f32x4.splat(beta1), v128.load(momentPtr + at), f32x4.mul(f32x4.splat(rest1), g));
    const g2 = f32x4.mul(g, g);
    const v = madd(f32x4.splat(beta2), v128.load(squarePtr + at), f32x4.mul(f32x4.splat(rest2), g2));
    v128.store(momentPtr + at, m);
    v128.store(squarePtr + at, v);
    const under = madd(f32x4.sqrt(v), f32x4.splat(root), f32x4.splat(epsilon));
    const step = f32x4.div(f32x4.mul(f32x4.splat(rate), m), under);
    v128.store(parameterPtr + at, f32x4.sub(f32x4.mul(f32x4.splat(shrink), theta), step));
  }
}
