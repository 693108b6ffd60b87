/**
 * Soft margin losses of logits x: with signs y element by element, with labels z row by row.
 *
 *   softMargin               loss = softplus(−y · x),   ∂/∂x = −y · σ(−y · x)
 *   multilabelSoftMargin     loss = (1 / C) · Σ_c w_c · [ z_c · softplus(−x_c) + (1 − z_c) · softplus(x_c) ]
 *
 *   softplus never forms e^x for x > 0, so y · x = −1000 gives 1000. A factor 0 counts as 0: y = 0 is
 *   ln 2 whatever x is, and so is a class with w_c = 0, or an ignored label (usedPtr 0 there).
 *
 * Domain     pointers aligned to 4, lossPtr and upstreamPtr to 8; gradPtr may be xPtr
 * Max error  as in test/support/tolerance.ts, `elementLoss`
 */
import { enterLogistic, sigmoidDown, sigmoidUp, softplusDown, softplusUp } from "../math/logistic";

export function softMarginLoss(
  xPtr: usize,
  gradPtr: usize,
  length: i32,
  yPtr: usize,
  scale: f64,
  upstreamPtr: usize,
  lossPtr: usize,
): void {
  for (let i = 0; i < length; i++) {
    const at = (<usize>i) << 2;
    const s = upstreamPtr ? scale * load<f64>(upstreamPtr + (at << 1)) : scale;
    const y = <f64>load<f32>(yPtr + at);
    enterLogistic(y == 0 ? 0 : y * <f64>load<f32>(xPtr + at));
    store<f64>(lossPtr + (at << 1), softplusDown);
    if (gradPtr) store<f32>(gradPtr + at, s == 0 ? 0 : <f32>(-s * y * sigmoidDown));
  }
}

/** usedPtr is 0 or holds one float32 per element, 0 where its label is ignored. */
export function multilabelSoftMarginLossRows(
  xPtr: usize,
  gradPtr: usize,
  rows: i32,
  classes: i32,
  zPtr: usize,
  usedPtr: usize,
  weightPtr: usize,
  scale: f64,
  upstreamPtr: usize,
  lossPtr: usize,
): void {
  const share = 1 / <f64>classes;
  for (let i = 0; i < rows; i++) {
    const s = upstreamPtr ? scale * load<f64>(upstreamPtr + ((<usize>i) << 3)) : scale;
    let loss: f64 = 0;
    for (let c = 0; c < classes; c++) {
      const at = (<usize>i * <usize>classes + <usize>c) << 2;
      let w: f64 = weightPtr ? load<f32>(weightPtr + ((<usize>c) << 2)) : 1;
      if (usedPtr && load<f32>(usedPtr + at) == 0) w = 0;
      let grad: f64 = 0;
      if (w != 0) {
        const z = <f64>load<f32>(zPtr + at);
        const a = 1 - z;
        enterLogistic(<f64>load<f32>(xPtr + at));
        loss += w * ((a == 0 ? 0 : a * softplusUp) + (z == 0 ? 0 : z * softplusDown));
        grad = w * (a * sigmoidUp - z * sigmoidDown);
      }
      if (gradPtr) store<f32>(gradPtr + at, s == 0 ? 0 : <f32>(s * share * grad));
    }
    store<f64>(lossPtr + ((<usize>i) << 3), share * loss);
  }
}
