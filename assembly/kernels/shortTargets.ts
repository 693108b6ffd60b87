/**
 * The elements of four short rows that their targets name: one of each lane's column.
 */

/** Offset of each lane's column y; an ignored target (y < 0) counts as class 0. */
// @ts-ignore: decorator
@inline
export function placesOf(targets: v128): v128 {
  return i32x4.shl(i32x4.max_s(targets, i32x4.splat(0)), 4);
}

/** The four elements at these offsets. */
// @ts-ignore: decorator
@inline
export function pickLanes(columns: usize, places: v128): v128 {
  let z = v128.load32_zero(columns + i32x4.extract_lane(places, 0));
  z = v128.load_lane<f32>(columns + i32x4.extract_lane(places, 1), z, 1, 4);
  z = v128.load_lane<f32>(columns + i32x4.extract_lane(places, 2), z, 2, 8);
  return v128.load_lane<f32>(columns + i32x4.extract_lane(places, 3), z, 3, 12);
}
