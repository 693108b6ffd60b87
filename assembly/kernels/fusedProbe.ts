/**
 * Whether madd and nmadd of this build round once, on the processor they run on.
 *
 *   (1 + 2^−12)² − (1 + 2^−11) is 2^−24 with one rounding and 0 with two: the product's last bit
 *   falls to a tie. The operands are read from memory, so no compiler folds them.
 */
import { madd, nmadd } from "../simd/lanes";

// prettier-ignore
const OPERANDS = memory.data<f32>([
  1.000244140625, 1.000244140625, 1.000244140625, 1.000244140625, //     1 + 2^−12
  -1.00048828125, -1.00048828125, -1.00048828125, -1.00048828125, //     −(1 + 2^−11)
], 16);

export function isFused(): bool {
  const a = v128.load(OPERANDS);
  const c = v128.load(OPERANDS, 16);
  const expected = f32x4.splat(5.960464477539063e-8); // 2^−24
  const plus = f32x4.eq(madd(a, a, c), expected);
  const minus = f32x4.eq(nmadd(a, f32x4.neg(a), c), expected);
  return i32x4.bitmask(v128.and(plus, minus)) == 15;
}
