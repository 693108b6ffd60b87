/**
 * A linear layer and its gradients, row-major:
 *
 *   out = X · W + b          X (N, D), W (D, C), b (C), out (N, C)
 *   gradW = Xᵀ · G           gradB = Σ_n G_n
 *
 * Layout
 *   Sixteen classes at a time, four accumulators in registers over the inner sum; then vectors of
 *   four, then single classes. Simple loops: blocking for the cache is not attempted here.
 *
 * Domain     pointers aligned to 4; out overlaps no input
 */
import { madd } from "../simd/lanes";

export function linearRows(
  xPtr: usize,
  weightPtr: usize,
  biasPtr: usize,
  outPtr: usize,
  rows: i32,
  features: i32,
  classes: i32,
): void {
  for (let n = 0; n < rows; n++) {
    const x = xPtr + <usize>n * ((<usize>features) << 2);
    const out = outPtr + <usize>n * ((<usize>classes) << 2);
    combine(x, 4, weightPtr, biasPtr, out, features, classes);
  }
}

/** One row of gradW for each feature, then gradB. */
export function linearGradients(
  xPtr: usize,
  gradPtr: usize,
  gradWeightPtr: usize,
  gradBiasPtr: usize,
  rows: i32,
  features: i32,
  classes: i32,
): void {
  const classBytes = (<usize>classes) << 2;
  for (let d = 0; d < features; d++) {
    const x = xPtr + ((<usize>d) << 2);
    combine(
      x,
      (<usize>features) << 2,
      gradPtr,
      0,
      gradWeightPtr + <usize>d * classBytes,
      rows,
      classes,
    );
  }
  for (let c = 0; c < classes; c++) {
    let sum: f64 = 0;
    for (let n = 0; n < rows; n++) {
      sum += <f64>load<f32>(gradPtr + <usize>n * classBytes + ((<usize>c) << 2));
    }
    store<f32>(gradBiasPtr + ((<usize>c) << 2), <f32>sum);
  }
}

/** out_c = b_c + Σ_i x_i · M_ic for c in [0, classes), with x_i `step` bytes apart. */
// prettier-ignore
function combine(
  xPtr: usize, step: usize, matrixPtr: usize, biasPtr: usize, outPtr: usize, length: i32, classes: i32,
): void {
  const rowBytes = <usize>classes << 2;
  let c = 0;
  for (; c + 16 <= classes; c += 16) {
    const at = <usize>c << 2;
    let a0 = biasPtr ? v128.load(biasPtr + at) : f32x4.splat(0);
    let a1 = biasPtr ? v128.load(biasPtr + at, 16) : f32x4.splat(0);
    let a2 = biasPtr ? v128.load(biasPtr + at, 32) : f32x4.splat(0);
    let a3 = biasPtr ? v128.load(biasPtr + at, 48) : f32x4.splat(0);
    let x = xPtr;
    let m = matrixPtr + at;
    for (let i = 0; i < length; i++) {
      const xi = v128.load32_splat(x);
      a0 = madd(xi, v128.load(m), a0);
      a1 = madd(xi, v128.load(m, 16), a1);
      a2 = madd(xi, v128.load(m, 32), a2);
      a3 = madd(xi, v128.load(m, 48), a3);
      x += step;
      m += rowBytes;
    }
    v128.store(outPtr + at, a0);
    v128.store(outPtr + at, a1, 16);
    v128.store(outPtr + at, a2, 32);
    v128.store(outPtr + at, a3, 48);
  }
  for (; c + 4 <= classes; c += 4) {
    const at = <usize>c << 2;
    let a = biasPtr ? v128.load(biasPtr + at) : f32x4.splat(0);
    let x = xPtr;
    let m = matrixPtr + at;
    for (let i = 0; i < length; i++) {
      a = madd(v128.load32_splat(x), v128.load(m), a);
      x += step;
      m += rowBytes;
    }
    v128.store(outPtr + at, a);
  }
  for (; c < classes; c++) {
    const at = <usize>c << 2;
    let a: f32 = biasPtr ? load<f32>(biasPtr + at) : 0;
    let x = xPtr;
    let m = matrixPtr + at;
    for (let i = 0; i < length; i++) {
      a += load<f32>(x) * load<f32>(m);
      x += step;
      m += rowBytes;
    }
    store<f32>(outPtr + at, a);
  }
}
