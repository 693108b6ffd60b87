/**
 * What the runtime can do, asked without throwing: WebAssembly at all, fixed-width SIMD, relaxed
 * SIMD. `validate` is allowed everywhere, also where compiling is not.
 */

// A module with one function whose body is `i32.const 0; i8x16.splat; drop`.
// prettier-ignore
const SIMD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11,
]);

// The same with `f32x4.relaxed_madd` of three zero vectors.
// prettier-ignore
const RELAXED = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 20, 1, 18, 0,
  65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 133, 2, 26, 11,
]);

export function hasWebAssembly(): boolean {
  return typeof WebAssembly === "object" && typeof WebAssembly?.validate === "function";
}

export function hasSimd(): boolean {
  return hasWebAssembly() && WebAssembly.validate(SIMD);
}

export function hasRelaxedSimd(): boolean {
  return hasWebAssembly() && WebAssembly.validate(RELAXED);
}
