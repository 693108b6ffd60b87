/**
 * Element-wise binary cross entropy of logits x with labels z, and its gradient.
 *
 * Mathematics
 *   b = w · q · (z · (1 − ε) + ε / 2),   a = w · ((1 − z) · (1 − ε) + ε / 2)
 *   loss = a · softplus(x) + b · softplus(−x)
 *   ∂/∂x · scale = scale · (a · σ(x) − b · σ(−x))
 *   With e = e^(−|x|), c the coefficient of the side x is on (a for x ≥ 0, else b) and d the other:
 *   loss = c · |x| + (a + b) · ln(1 + e),   ∂/∂x = sign(x) · (c − d · e) / (1 + e)
 *
 * Stability
 *   Nothing cancels for z in [0, 1]: a confident loss and its gradient keep their relative accuracy.
 *   A term with coefficient 0 is 0 whatever x is: x = ±∞ costs 0 beside the agreeing label, +∞
 *   beside the other. An ignored element comes with w = 0.
 *
 * Layout
 *   Blocks of 1024 elements, all e^(−|x|) first; losses 128 at a time in float32, then float64. Plain losses (w = q = 1, ε = 0),
 *   with gradient and without, are loops of their own; another serves all options.
 *   gradPtr may be xPtr. weightPtr and posWeightPtr are 0 or hold one value per element.
 *
 * Max error  as in test/support/tolerance.ts, `binaryCrossEntropyWithLogits`
 */
import { ONE, SIGN, expConstant } from "../math/exp";
import { blockExpMagnitudes } from "../simd/blockExp";
import { sumLanes } from "../simd/lanes";
import { REDUCED, scratchPtr } from "../simd/scratch";
import { step } from "./binaryCrossEntropyStep";
import { BLOCK } from "./rowTable";

/** Bytes of losses between two additions in float64. */
// @ts-ignore: decorator
@inline
const GROUP_BYTES: usize = 512;

/**
 * Σ of the losses of each block of 1024 among `length` elements → lossPtr (float64). Optional,
 * where not 0: each element's loss → eachPtr (float32), gradient → gradPtr. `upstreamPtr` is 0 or
 * holds one float32 per element.
 */
export function binaryCrossEntropyWithLogitsBlocks(
  xPtr: usize,
  zPtr: usize,
  weightPtr: usize,
  posWeightPtr: usize,
  length: i32,
  keep: f32,
  share: f32,
  scale: f32,
  upstreamPtr: usize,
  eachPtr: usize,
  gradPtr: usize,
  lossPtr: usize,
): void {
  const plain = !weightPtr && !posWeightPtr && !upstreamPtr && !eachPtr && keep == 1 && share == 0;
  for (let start = 0; start < length; start += BLOCK) {
    const at = (<usize>start) << 2;
    const count = min(BLOCK, length - start);
    const w = weightPtr ? weightPtr + at : 0;
    const q = posWeightPtr ? posWeightPtr + at : 0;
    const u = upstreamPtr ? upstreamPtr + at : 0;
    const each = eachPtr ? eachPtr + at : 0;
    const g = gradPtr ? gradPtr + at : 0;
    let sum: f64;
    if (plain && g && scale != 0) {
      sum = plainGradient(xPtr + at, zPtr + at, count, scale, g);
    } else if (plain && !g) {
      sum = plainLoss(xPtr + at, zPtr + at, count);
    } else {
      sum = general(xPtr + at, zPtr + at, w, q, count, keep, share, scale, u, each, g);
    }
    store<f64>(lossPtr, sum);
    lossPtr += 8;
  }
}

function plainLoss(xPtr: usize, zPtr: usize, length: i32): f64 {
  return visit(false, false, xPtr, zPtr, 0, 0, length, 1, 0, 1, 0, 0, 0);
}

// prettier-ignore
function plainGradient(
  xPtr: usize, zPtr: usize, length: i32, scale: f32, gradPtr: usize,
): f64 {
  return visit(false, true, xPtr, zPtr, 0, 0, length, 1, 0, scale, 0, 0, gradPtr);
}

// prettier-ignore
function general(
  xPtr: usize, zPtr: usize, weightPtr: usize, posWeightPtr: usize, length: i32, keep: f32,
  share: f32, scale: f32, upstreamPtr: usize, eachPtr: usize, gradPtr: usize,
): f64 {
  return visit(
    true, true, xPtr, zPtr, weightPtr, posWeightPtr, length, keep, share, scale, upstreamPtr,
    eachPtr, gradPtr,
  );
}

/** The loop; `weighted` and `graded` are constants, so that each caller gets one of its own. */
// prettier-ignore
// @ts-ignore: decorator
@inline
function visit(
  weighted: bool, graded: bool, xPtr: usize, zPtr: usize, weightPtr: usize, posWeightPtr: usize,
  length: i32, keep: f32, share: f32, scale: f32, upstreamPtr: usize, eachPtr: usize, gradPtr: usize,
): f64 {
  blockExpMagnitudes(xPtr, length);
  const exps = scratchPtr + REDUCED;
  const sign = expConstant(SIGN); // x | sign = −|x|, x ^ sign = −x
  const one = expConstant(ONE);
  const keeps = f32x4.splat(keep);
  const shares = f32x4.splat(share);
  const scales = f32x4.splat(scale);
  const zero = f32x4.splat(0);
  let total: f64 = 0;
  let sum = zero;
  let at: usize = 0;
  const end = (<usize>(length & ~3)) << 2;
  while (at < end) {
    const pause = min(at + GROUP_BYTES, end);
    for (; at < pause; at += 16) {
      const loss = step(weighted, graded, true, 4, at, xPtr, zPtr, weightPtr, posWeightPtr, upstreamPtr,
        eachPtr, gradPtr, v128.load(exps + at), sign, one, zero, keeps, shares, scales);
      sum = f32x4.add(sum, loss);
    }
    if (at & (GROUP_BYTES - 1)) break;
    total += <f64>sumLanes(sum);
    sum = zero;
  }
  if (length & 3) {
    const loss = step(weighted, graded, false, length & 3, at, xPtr, zPtr, weightPtr, posWeightPtr,
      upstreamPtr, eachPtr, gradPtr, v128.load(exps + at), sign, one, zero, keeps, shares, scales);
    sum = f32x4.add(sum, loss);
  }
  return total + <f64>sumLanes(sum);
}
