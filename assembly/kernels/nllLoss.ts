/**
 * Negative log-likelihood of picked log-probabilities:  loss_i = −w_y · logp_i[y_i]
 *
 *   The caller has gathered logp_i[y_i] into pickedPtr and, unless weightPtr is 0, w_y into weightPtr.
 *   Gradient: −scale · w_y at y_i, 0 elsewhere. Zero times anything is 0; an ignored row (y < 0) is 0.
 *
 * Domain     pointers aligned to 4, lossPtr and upstreamPtr to 8
 */
export function nllLossRows(
  pickedPtr: usize,
  rows: i32,
  targetsPtr: usize,
  weightPtr: usize,
  lossPtr: usize,
): void {
  for (let i = 0; i < rows; i++) {
    const y = load<i32>(targetsPtr + ((<usize>i) << 2));
    let loss: f64 = 0;
    if (y >= 0) {
      const w: f64 = weightPtr ? load<f32>(weightPtr + ((<usize>i) << 2)) : 1;
      if (w != 0) loss = -w * <f64>load<f32>(pickedPtr + ((<usize>i) << 2));
    }
    store<f64>(lossPtr + ((<usize>i) << 3), loss);
  }
}

/** Gradients of `length` classes from class `first` on, for `rows` rows of that length. */
export function nllLossGradients(
  gradPtr: usize,
  rows: i32,
  length: i32,
  first: i32,
  targetsPtr: usize,
  weightPtr: usize,
  scale: f64,
  upstreamPtr: usize,
): void {
  const rowBytes = (<usize>length) << 2;
  memory.fill(gradPtr, 0, <usize>rows * rowBytes);
  for (let i = 0; i < rows; i++) {
    const y = load<i32>(targetsPtr + ((<usize>i) << 2));
    if (y < first || y >= first + length) continue;
    const w: f64 = weightPtr ? load<f32>(weightPtr + ((<usize>i) << 2)) : 1;
    const s = upstreamPtr ? scale * load<f64>(upstreamPtr + ((<usize>i) << 3)) : scale;
    const at = <usize>i * rowBytes + ((<usize>(y - first)) << 2);
    if (w != 0 && s != 0) store<f32>(gradPtr + at, <f32>(-w * s));
  }
}
