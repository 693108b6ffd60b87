/**
 * Element-wise decision on logits:  1 where x ≥ bound, else 0
 *
 *   σ(x) ≥ p  ⇔  x ≥ ln(p / (1 − p)) = bound, so no sigmoid is computed. NaN gives 0.
 *
 * Domain     xPtr aligned to 4; outPtr holds bytes
 */
export function threshold(xPtr: usize, outPtr: usize, length: i32, bound: f32): void {
  const bounds = f32x4.splat(bound);
  const whole = length & ~15;
  let i = 0;
  for (; i < whole; i += 16) {
    const at = xPtr + ((<usize>i) << 2);
    const h0 = i16x8.narrow_i32x4_s(
      f32x4.ge(v128.load(at), bounds),
      f32x4.ge(v128.load(at, 16), bounds),
    );
    const h1 = i16x8.narrow_i32x4_s(
      f32x4.ge(v128.load(at, 32), bounds),
      f32x4.ge(v128.load(at, 48), bounds),
    );
    v128.store(outPtr + i, v128.and(i8x16.narrow_i16x8_s(h0, h1), i8x16.splat(1)));
  }
  for (; i < length; i++) {
    store<u8>(outPtr + i, load<f32>(xPtr + ((<usize>i) << 2)) >= bound ? 1 : 0);
  }
}
