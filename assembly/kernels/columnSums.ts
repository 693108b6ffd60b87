/**
 * Sums of the columns of a matrix, the gradient of a bias:  sums_n += Σ_m x_mn
 *
 * Layout
 *   Row after row into float64 sums in memory, which go on where the last call left them: the same
 *   bits however the rows were divided.
 *
 * Domain     pointers aligned to 4, sums to 8; stride in elements
 */
import { highDoubles, lowDoubles } from "../simd/lanes";

// prettier-ignore
export function columnSums(xPtr: usize, stride: i32, rows: i32, columns: i32, sumsPtr: usize): void {
  for (let m = 0; m < rows; m++) {
    let x = xPtr + (<usize>m * <usize>stride << 2);
    let sum = sumsPtr;
    let n = columns;
    for (; n >= 4; n -= 4) {
      const x_f32x4 = v128.load(x);
      v128.store(sum, f64x2.add(v128.load(sum), lowDoubles(x_f32x4)));
      v128.store(sum, f64x2.add(v128.load(sum, 16), highDoubles(x_f32x4)), 16);
      x += 16;
      sum += 32;
    }
    for (; n > 0; n--) {
      store<f64>(sum, load<f64>(sum) + <f64>load<f32>(x));
      x += 4;
      sum += 8;
    }
  }
}
