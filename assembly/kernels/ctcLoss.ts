/**
 * Connectionist temporal classification of one sample: log-probabilities x, shape (T, C).
 *
 * Mathematics
 *   l' = blank, l_1, blank, l_2, …, blank (2S + 1 states). In logarithms
 *     α_t(s) = x_t(l'_s) + ln[ e^α_{t−1}(s) + e^α_{t−1}(s−1) + e^α_{t−1}(s−2) ]
 *   where the last term is there only if l'_s is no blank and differs from l'_{s−2}
 *     β likewise from the end,   loss = −ln[ e^α_T(2S) + e^α_T(2S−1) ]
 *   ∂loss/∂x_t(c) = −Σ_{s: l'_s = c} e^(α_t(s) + β_t(s) − x_t(c) + loss)
 *
 * Stability
 *   Sums are taken relative to the greatest term, in float64. An alignment that does not exist
 *   gives loss +∞ and gradient 0; `zeroInfinity` makes the loss 0 too. A loss NaN has gradient NaN.
 *
 * Layout
 *   workPtr holds (T + 1) rows of 2S + 1 float64: α for every t, and one row of β.
 *
 * Domain     T ≥ 0, S ≥ 0, labels and blank in [0, C); xPtr aligned to 4, workPtr and lossPtr to 8; gradPtr
 *            may be xPtr
 * Source     Graves et al. 2006
 */
function logAdd(a: f64, b: f64): f64 {
  if (a == -Infinity) return b;
  if (b == -Infinity) return a;
  return max(a, b) + NativeMath.log1p(NativeMath.exp(-abs(a - b)));
}

/** l'_s */
// @ts-ignore: decorator
@inline
function labelOf(labelsPtr: usize, s: i32, blank: i32): i32 {
  return s & 1 ? load<i32>(labelsPtr + ((<usize>(s >> 1)) << 2)) : blank;
}

/** Whether state s may be reached from s − 2; blanks never, as they are all the same. */
function skips(labelsPtr: usize, s: i32, blank: i32): bool {
  return s >= 2 && labelOf(labelsPtr, s, blank) != labelOf(labelsPtr, s - 2, blank);
}

/** The loss → lossPtr; gradients of all `rows` time steps (those past `steps` are 0) where gradPtr is not 0. */
// prettier-ignore
export function ctcLossSample(
  xPtr: usize, gradPtr: usize, rows: i32, classes: i32, steps: i32, labelsPtr: usize, labels: i32,
  blank: i32, zeroInfinity: bool, scale: f64, workPtr: usize, lossPtr: usize,
): void {
  const states = 2 * labels + 1;
  const rowBytes = (<usize>classes) << 2;
  const stateBytes = (<usize>states) << 3;
  const beta = workPtr + <usize>steps * stateBytes;
  for (let t = 0; t < steps; t++) {
    const x = xPtr + <usize>t * rowBytes;
    const alpha = workPtr + <usize>t * stateBytes;
    for (let s = 0; s < states; s++) {
      let sum: f64 = t == 0 && s < 2 ? 0 : -Infinity;
      if (t > 0) {
        const before = alpha - stateBytes + ((<usize>s) << 3);
        sum = load<f64>(before);
        if (s > 0) sum = logAdd(sum, load<f64>(before - 8));
        if (skips(labelsPtr, s, blank)) sum = logAdd(sum, load<f64>(before - 16));
      }
      const own = <f64>load<f32>(x + ((<usize>labelOf(labelsPtr, s, blank)) << 2));
      store<f64>(alpha + ((<usize>s) << 3), sum == -Infinity ? sum : sum + own);
    }
  }
  let total: f64 = labels == 0 && steps == 0 ? 0 : -Infinity;
  if (steps > 0) {
    total = load<f64>(beta - 8);
    if (states > 1) total = logAdd(total, load<f64>(beta - 16));
  }
  const loss = -total;
  const infeasible = loss == Infinity;
  if (gradPtr) {
    if (infeasible || scale == 0) memory.fill(gradPtr, 0, <usize>rows * rowBytes);
    else gradients(xPtr, gradPtr, rows, classes, steps, labelsPtr, states, blank, loss, scale, workPtr);
  }
  store<f64>(lossPtr, infeasible && zeroInfinity ? 0 : loss);
}

// prettier-ignore
function gradients(
  xPtr: usize, gradPtr: usize, rows: i32, classes: i32, steps: i32, labelsPtr: usize, states: i32,
  blank: i32, loss: f64, scale: f64, workPtr: usize,
): void {
  const rowBytes = (<usize>classes) << 2;
  const stateBytes = (<usize>states) << 3;
  const beta = workPtr + <usize>steps * stateBytes;
  if (rows > steps) {
    memory.fill(gradPtr + <usize>steps * rowBytes, 0, <usize>(rows - steps) * rowBytes);
  }
  for (let t = steps - 1; t >= 0; t--) {
    const x = xPtr + <usize>t * rowBytes;
    const alpha = workPtr + <usize>t * stateBytes;
    // β without its own x_t, in place: state s reads s, s + 1 and s + 2, so s ascends.
    for (let s = 0; s < states; s++) {
      const here = beta + ((<usize>s) << 3);
      let sum: f64 = t == steps - 1 ? (s >= states - 2 ? 0 : -Infinity) : load<f64>(here);
      if (t < steps - 1) {
        if (s + 1 < states) sum = logAdd(sum, load<f64>(here + 8));
        if (s + 2 < states && skips(labelsPtr, s + 2, blank)) sum = logAdd(sum, load<f64>(here + 16));
      }
      store<f64>(here, sum);
    }
    // e^(α + β + loss) of every state takes α's place, then β gets its own x_t.
    for (let s = 0; s < states; s++) {
      const place = (<usize>s) << 3;
      const rest = load<f64>(beta + place);
      store<f64>(alpha + place, NativeMath.exp(load<f64>(alpha + place) + rest + loss));
      const own = <f64>load<f32>(x + ((<usize>labelOf(labelsPtr, s, blank)) << 2));
      store<f64>(beta + place, rest == -Infinity ? rest : rest + own);
    }
    const grad = gradPtr + <usize>t * rowBytes;
    memory.fill(grad, 0, rowBytes);
    if (loss != loss) {
      for (let c: usize = 0; c < rowBytes; c += 4) store<f32>(grad + c, NaN);
      continue;
    }
    // Blanks alternate with labels: they are added in float64, labels one by one.
    let blanks: f64 = 0;
    for (let s = 0; s < states; s++) {
      const weight = load<f64>(alpha + ((<usize>s) << 3));
      const c = grad + ((<usize>labelOf(labelsPtr, s, blank)) << 2);
      if (s & 1) store<f32>(c, <f32>(<f64>load<f32>(c) - scale * weight));
      else blanks += weight;
    }
    const c = grad + ((<usize>blank) << 2);
    store<f32>(c, <f32>(<f64>load<f32>(c) - scale * blanks));
  }
}
