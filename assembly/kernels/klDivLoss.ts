/**
 * Kullback-Leibler divergence of log-probabilities x from targets t, element by element.
 *
 *   targets t         loss = t · (ln t − x) for t > 0, else 0     ∂/∂x = −t      ∂/∂t = ln t + 1 − x
 *   log targets t     loss = e^t · (t − x)                        ∂/∂x = −e^t    ∂/∂t = e^t · (t − x + 1)
 *
 *   Zero times anything is 0: t = 0, or a log target of −∞, costs 0 whatever x is, and its
 *   gradients are 0 (∂/∂t of t · ln t has no finite value at 0).
 *
 * Domain     pointers aligned to 4, lossPtr and upstreamPtr to 8; gradPtr may be xPtr
 */
import { logarithm } from "../math/logarithm";

export function klDivLoss(
  xPtr: usize,
  gradPtr: usize,
  length: i32,
  tPtr: usize,
  targetGradPtr: usize,
  logTarget: bool,
  scale: f64,
  upstreamPtr: usize,
  lossPtr: usize,
): void {
  for (let i = 0; i < length; i++) {
    const at = (<usize>i) << 2;
    const s = upstreamPtr ? scale * load<f64>(upstreamPtr + (at << 1)) : scale;
    const x = <f64>load<f32>(xPtr + at);
    const t = <f64>load<f32>(tPtr + at);
    const p = logTarget ? NativeMath.exp(t) : t;
    let loss: f64 = 0;
    let grad: f64 = 0;
    let slope: f64 = 0;
    if (p > 0 || p != p) {
      const gap = (logTarget ? t : logarithm(t)) - x;
      loss = p * gap;
      grad = -p;
      slope = logTarget ? p * (gap + 1) : gap + 1;
    }
    store<f64>(lossPtr + (at << 1), loss);
    if (gradPtr) store<f32>(gradPtr + at, s == 0 ? 0 : <f32>(s * grad));
    if (targetGradPtr) store<f32>(targetGradPtr + at, s == 0 ? 0 : <f32>(s * slope));
  }
}
