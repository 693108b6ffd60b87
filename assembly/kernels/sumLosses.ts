/**
 * Sum of losses in a fixed tree:  groups of 256, each in four chains, then the groups in order.
 *
 *   group = (c0 + c2) + (c1 + c3),   c_i = Σ of the losses i, i + 4, i + 8 … of the group
 *
 *   The tree depends on the position of a loss in the whole job alone, so a mean has the same bits
 *   however its rows were split into tiles. `statePtr` (48 bytes, zeroed at the start of a job)
 *   carries it: f64 total · i32 losses in the group · f64 c0 … c3 from byte 16 on.
 *
 * Domain     lossPtr and statePtr aligned to 8
 */
export function sumLosses(lossPtr: usize, count: i32, statePtr: usize): void {
  let size = load<i32>(statePtr, 8);
  const end = lossPtr + ((<usize>count) << 3);
  // One by one to a multiple of four, then four at a time, then what is left.
  for (; lossPtr < end && size & 3; lossPtr += 8) size = addLoss(lossPtr, size, statePtr);
  while (lossPtr + 32 <= end) {
    let a = v128.load(statePtr, 16);
    let b = v128.load(statePtr, 32);
    const stop = min(end, lossPtr + ((<usize>(256 - size)) << 3));
    while (lossPtr + 32 <= stop) {
      a = f64x2.add(a, v128.load(lossPtr));
      b = f64x2.add(b, v128.load(lossPtr, 16));
      lossPtr += 32;
      size += 4;
    }
    v128.store(statePtr, a, 16);
    v128.store(statePtr, b, 32);
    if (size == 256) size = closeGroup(statePtr);
  }
  for (; lossPtr < end; lossPtr += 8) size = addLoss(lossPtr, size, statePtr);
  store<i32>(statePtr, size, 8);
}

/** Adds one loss to its chain; gives the new size of the group. */
// @ts-ignore: decorator
@inline
function addLoss(lossPtr: usize, size: i32, statePtr: usize): i32 {
  const chain = statePtr + 16 + ((<usize>(size & 3)) << 3);
  store<f64>(chain, load<f64>(chain) + load<f64>(lossPtr));
  return size == 255 ? closeGroup(statePtr) : size + 1;
}

/** Adds the group to the total and begins another. */
function closeGroup(statePtr: usize): i32 {
  store<f64>(statePtr, totalOf(statePtr));
  memory.fill(statePtr + 16, 0, 32);
  return 0;
}

/** The total with the group under way. */
export function totalOf(statePtr: usize): f64 {
  const even = load<f64>(statePtr, 16) + load<f64>(statePtr, 32);
  const odd = load<f64>(statePtr, 24) + load<f64>(statePtr, 40);
  return load<f64>(statePtr) + (even + odd);
}

/** Rounds `count` float64 losses to float32; outPtr may be lossPtr. */
export function roundLosses(lossPtr: usize, outPtr: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    store<f32>(outPtr + ((<usize>i) << 2), <f32>load<f64>(lossPtr + ((<usize>i) << 3)));
  }
}
