/** softplus(−y · x) of one logit. */
import { softplusOf } from "./softplus.ts";
import { times } from "./sum.ts";

export function softMarginLoss(x: number, y: number): number {
  return softplusOf(-times(y, x));
}
