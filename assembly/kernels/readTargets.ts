/**
 * Checks class-index targets y and copies them for kernels:  y, or −1 where the row is ignored
 *
 *   ok = y = ignoreIndex  ∨  0 ≤ y < C
 *
 *   The comparison with C is unsigned, so that it tells negative indices too.
 *
 * Layout     i32; four rows at a time, the last rows mod 4 one by one; outPtr may be targetsPtr
 * Domain     C ≥ 1, both pointers aligned to 4
 */

/** Returns how many rows are not ignored, or −1 if an index is neither a class nor ignored. */
export function readTargets(
  targetsPtr: usize,
  outPtr: usize,
  rows: i32,
  classes: i32,
  ignoreIndex: i32,
): i32 {
  const label = i32x4.splat(ignoreIndex);
  const bound = i32x4.splat(classes);
  let ok = i32x4.splat(-1);
  let ignored = i32x4.splat(0);
  const end = targetsPtr + ((<usize>rows) << 2);
  for (; targetsPtr + 16 <= end; targetsPtr += 16) {
    const y = v128.load(targetsPtr);
    const skip = i32x4.eq(y, label);
    ok = v128.and(ok, isFit(y, skip, bound));
    ignored = i32x4.add(ignored, skip);
    v128.store(outPtr, v128.or(y, skip));
    outPtr += 16;
  }
  for (; targetsPtr < end; targetsPtr += 4) {
    const y = v128.load32_splat(targetsPtr);
    const skip = i32x4.eq(y, label);
    ok = v128.and(ok, isFit(y, skip, bound));
    rows += i32x4.extract_lane(skip, 0);
    v128.store_lane<i32>(outPtr, v128.or(y, skip), 0);
    outPtr += 4;
  }
  if (!i32x4.all_true(ok)) return -1;
  const pair = i32x4.add(ignored, i32x4.shuffle(ignored, ignored, 2, 3, 0, 1));
  return rows + i32x4.extract_lane(pair, 0) + i32x4.extract_lane(pair, 1);
}

// @ts-ignore: decorator
@inline
function isFit(y: v128, skip: v128, bound: v128): v128 {
  return v128.or(skip, i32x4.lt_u(y, bound));
}
