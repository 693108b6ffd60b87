/**
 * Multi-label hinge loss of logits x, shape (N, C), and its gradient. Y lists `width` class indices
 * a row and ends at the first −1.
 *
 *   loss = (1 / C) · Σ_{j∈Y} Σ_{i∉Y} h_ji,   h_ji = max(0, 1 − (x_j − x_i))
 *   ∂/∂x_i = (1 / C) · #{j∈Y: h_ji > 0},   ∂/∂x_j = −(1 / C) · #{i∉Y: h_ji > 0}
 *
 *   A comparison with NaN makes the row NaN, gradient included.
 *
 * Layout     sumsPtr is scratch for 2 · C float64: hits of each class, then of each label.
 * Domain     C ≥ 1, pointers aligned to 4, lossPtr, upstreamPtr and sumsPtr to 8; gradPtr may be xPtr
 */
export function multilabelMarginLossRows(
  xPtr: usize,
  gradPtr: usize,
  rows: i32,
  classes: i32,
  targetsPtr: usize,
  width: i32,
  sumsPtr: usize,
  scale: f64,
  upstreamPtr: usize,
  lossPtr: usize,
): void {
  const rowBytes = (<usize>classes) << 2;
  const share = 1 / <f64>classes;
  for (let i = 0; i < rows; i++) {
    const x = xPtr + <usize>i * rowBytes;
    const labels = targetsPtr + ((<usize>i * <usize>width) << 2);
    const s = upstreamPtr ? scale * load<f64>(upstreamPtr + ((<usize>i) << 3)) : scale;
    // NaN marks the classes of Y while the sums of the others are made.
    memory.fill(sumsPtr, 0, (<usize>classes) << 3);
    for (let k = 0; k < width; k++) {
      const y = load<i32>(labels + ((<usize>k) << 2));
      if (y < 0) break;
      store<f64>(sumsPtr + ((<usize>y) << 3), NaN);
    }
    let loss: f64 = 0;
    const row = gradPtr ? gradPtr + <usize>i * rowBytes : 0;
    const own = sumsPtr + ((<usize>classes) << 3);
    memory.fill(own, 0, (<usize>classes) << 3);
    for (let k = 0; k < width; k++) {
      const y = load<i32>(labels + ((<usize>k) << 2));
      if (y < 0) break;
      const base = 1 - <f64>load<f32>(x + ((<usize>y) << 2));
      let hits: f64 = 0;
      for (let j = 0; j < classes; j++) {
        const sum = load<f64>(sumsPtr + ((<usize>j) << 3));
        if (sum != sum) continue;
        const h = base + <f64>load<f32>(x + ((<usize>j) << 2));
        if (h <= 0) continue;
        loss += h;
        hits += 1;
        store<f64>(sumsPtr + ((<usize>j) << 3), sum + 1);
      }
      const place = own + ((<usize>y) << 3);
      store<f64>(place, load<f64>(place) - hits);
    }
    store<f64>(lossPtr + ((<usize>i) << 3), share * loss);
    if (row == 0) continue;
    for (let j = 0; j < classes; j++) {
      const sum = load<f64>(sumsPtr + ((<usize>j) << 3));
      const slope = loss != loss ? loss : sum != sum ? load<f64>(own + ((<usize>j) << 3)) : sum;
      store<f32>(row + ((<usize>j) << 2), s == 0 ? 0 : <f32>(s * share * slope));
    }
  }
}
