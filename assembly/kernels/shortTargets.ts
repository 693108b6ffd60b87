/**
 * The elements of four short rows that their targets name: one of each lane's column.
 */

// prettier-ignore
const LANES = memory.data<i32>([0, 4, 8, 12], 16);

/** Offset of y in each lane's column; an ignored target (y < 0) counts as class 0. */
// @ts-ignore: decorator
@inline
export function placesOf(targets: v128): v128 {
  return v128.or(i32x4.shl(i32x4.max_s(targets, i32x4.splat(0)), 4), v128.load(LANES));
}

/** The four elements at these offsets. */
// @ts-ignore: decorator
@inline
export function pickLanes(columns: usize, places: v128): v128 {
  let z = v128.load32_zero(columns + i32x4.extract_lane(places, 0));
  z = v128.load_lane<f32>(columns + i32x4.extract_lane(places, 1), z, 1);
  z = v128.load_lane<f32>(columns + i32x4.extract_lane(places, 2), z, 2);
  return v128.load_lane<f32>(columns + i32x4.extract_lane(places, 3), z, 3);
}
