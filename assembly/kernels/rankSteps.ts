/**
 * The step of each log-probability z_j − lse in an ordered histogram of 65536: the upper 16 bits of its
 * float32, turned so that greater numbers have greater steps.
 *
 * Domain     lse finite, from records of score.ts; other rows give steps that mean nothing
 * Max error  the step of the log-probability rounded to float32
 */
const RECORD: usize = 64;

/** Steps, int32, of `rows` rows of logits at zPtr with their records; outPtr may be zPtr. */
export function rankSteps(
  zPtr: usize,
  recordPtr: usize,
  outPtr: usize,
  rows: i32,
  classes: i32,
): void {
  for (let i = 0; i < rows; i++) {
    const logSumExp = load<f64>(recordPtr, 8);
    for (let j = 0; j < classes; j++) {
      const logProb = <f32>(<f64>load<f32>(zPtr) - logSumExp) + 0; // −0 becomes 0
      const bits = reinterpret<u32>(logProb);
      store<u32>(outPtr, (bits ^ ((<u32>((<i32>bits) >> 31)) | 0x80000000)) >> 16);
      zPtr += 4;
      outPtr += 4;
    }
    recordPtr += RECORD;
  }
}
