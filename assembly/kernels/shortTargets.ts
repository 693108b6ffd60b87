/**
 * The elements of four short rows that their targets name: one of each lane's column.
 *
 *   An ignored target (y < 0), or that of a row a group does not have, counts as class 0.
 */

/** Offset of column y in lane `lane`, for the `rows` targets at targetsPtr. */
// @ts-ignore: decorator
@inline
export function placeOf(targetsPtr: usize, lane: i32, rows: i32): usize {
  const y = lane < rows ? max(0, load<i32>(targetsPtr + ((<usize>lane) << 2))) : 0;
  return (<usize>((y << 2) + lane)) << 2;
}

/** The four elements at these offsets. */
// @ts-ignore: decorator
@inline
export function pickLanes(columns: usize, p0: usize, p1: usize, p2: usize, p3: usize): v128 {
  let z = v128.load32_zero(columns + p0);
  z = v128.load_lane<f32>(columns + p1, z, 1);
  z = v128.load_lane<f32>(columns + p2, z, 2);
  return v128.load_lane<f32>(columns + p3, z, 3);
}
