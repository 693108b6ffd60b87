/**
 * One step of Adam over a parameter θ with gradient g, as PyTorch defines it:
 *
 *   m ← β1 · m + (1 − β1) · g          v ← β2 · v + (1 − β2) · g²
 *   θ ← θ − rate · m / (√v / correction + ε)
 *
 *   rate = learningRate / (1 − β1^t), correction = √(1 − β2^t), both from the caller in float64.
 *
 * Domain     pointers aligned to 4; the four ranges do not overlap
 * Source     PyTorch `_single_tensor_adam`
 */
export function adamStep(
  parameterPtr: usize,
  gradPtr: usize,
  momentPtr: usize,
  squarePtr: usize,
  length: i32,
  rate: f64,
  beta1: f64,
  beta2: f64,
  correction: f64,
  epsilon: f64,
): void {
  for (let i = 0; i < length; i++) {
    const at = (<usize>i) << 2;
    const g = <f64>load<f32>(gradPtr + at);
    const m = beta1 * <f64>load<f32>(momentPtr + at) + (1 - beta1) * g;
    const v = beta2 * <f64>load<f32>(squarePtr + at) + (1 - beta2) * g * g;
    store<f32>(momentPtr + at, <f32>m);
    store<f32>(squarePtr + at, <f32>v);
    const theta = <f64>load<f32>(parameterPtr + at);
    const step = (rate * m) / (sqrt<f64>(v) / correction + epsilon);
    store<f32>(parameterPtr + at, <f32>(theta - step));
  }
}
