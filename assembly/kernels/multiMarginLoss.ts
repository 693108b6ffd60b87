/**
 * Multi-class hinge loss of logits x, shape (N, C), with class indices y, and its gradient.
 *
 *   loss = (w_y / C) · Σ_{j≠y} h_j^p,   h_j = max(0, margin − x_y + x_j),   p = 1 or 2
 *   ∂/∂x_j = (w_y / C) · p · h_j^(p−1) where h_j > 0,   ∂/∂x_y = −Σ_{j≠y} of these
 *
 *   A row with NaN is NaN, gradient included; w_y = 0 or an ignored row (y < 0) is 0.
 *
 * Domain     C ≥ 1, pointers aligned to 4, lossPtr and upstreamPtr to 8; gradPtr may be xPtr
 */
export function multiMarginLossRows(
  xPtr: usize,
  gradPtr: usize,
  rows: i32,
  classes: i32,
  targetsPtr: usize,
  weightPtr: usize,
  squared: bool,
  margin: f64,
  scale: f64,
  upstreamPtr: usize,
  lossPtr: usize,
): void {
  const rowBytes = (<usize>classes) << 2;
  for (let i = 0; i < rows; i++) {
    const at = <usize>i * rowBytes;
    const y = load<i32>(targetsPtr + ((<usize>i) << 2));
    const s = upstreamPtr ? scale * load<f64>(upstreamPtr + ((<usize>i) << 3)) : scale;
    const w: f64 = y < 0 ? 0 : weightPtr ? load<f32>(weightPtr + ((<usize>y) << 2)) : 1;
    let loss: f64 = 0;
    if (w == 0) {
      if (gradPtr) memory.fill(gradPtr + at, 0, rowBytes);
    } else {
      const share = w / <f64>classes;
      const base = margin - <f64>load<f32>(xPtr + at + ((<usize>y) << 2));
      let sum: f64 = 0;
      let pull: f64 = 0;
      for (let j = 0; j < classes; j++) {
        if (j == y) continue;
        const place = at + ((<usize>j) << 2);
        const h = base + <f64>load<f32>(xPtr + place);
        const met = h <= 0;
        if (!met) sum += squared ? h * h : h;
        if (gradPtr) {
          const slope = met ? 0 : squared ? 2 * h : h != h ? h : 1;
          pull += slope;
          store<f32>(gradPtr + place, s == 0 ? 0 : <f32>(s * share * slope));
        }
      }
      loss = share * sum;
      if (gradPtr) {
        const row = gradPtr + at;
        store<f32>(row + ((<usize>y) << 2), s == 0 ? 0 : <f32>(-s * share * pull));
        if (loss != loss && s != 0) {
          for (let j: usize = 0; j < rowBytes; j += 4) store<f32>(row + j, NaN);
        }
      }
    }
    store<f64>(lossPtr + ((<usize>i) << 3), loss);
  }
}
