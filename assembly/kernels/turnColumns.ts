/**
 * Rows along an axis that is not the last, four at a time, as the columns of simd/columns.ts and back.
 * Nothing is turned: a vector of four neighbours of the inner axis is a column as it lies.
 *
 *   columns[⌊r / 4⌋ · 4C + 4c + r mod 4] = strided[(⌊q / inner⌋ · C + c) · inner + q mod inner]
 *
 *   for r = done … done + rows − 1, q = row + r − done, and c in [0, C)
 *
 * Layout
 *   Four classes at a time, along as many neighbours as there are: few streams, which processors
 *   fetch ahead, where a short piece of every class would be more than they follow. A row in a
 *   group that the end of the inner axis cuts is moved element by element. Lanes of rows that are not
 *   there keep what they hold.
 *
 * Domain     pointers aligned to 4; inner ≥ 1
 */

/** Strided → columns, or with `back` columns → strided. */
// prettier-ignore
export function turnColumns(
  p: usize, columns: usize, row: i32, rows: i32, classes: i32, inner: i32, done: i32, back: bool,
): void {
  const step = (<usize>inner) << 2;
  const groupBytes = (<usize>classes) << 4;
  let position = row % inner;
  let lane = done & 3;
  p += <usize>(row / inner) * <usize>classes * step + ((<usize>position) << 2);
  columns += <usize>(done >> 2) * groupBytes;
  while (rows > 0) {
    const groups = lane ? 0 : min(rows, inner - position) >> 2;
    const count = groups ? groups << 2 : 1;
    if (groups) {
      if (back) scatterGroups(p, step, groups, classes, columns);
      else gatherGroups(p, step, groups, classes, columns);
      columns += <usize>groups * groupBytes;
    } else {
      moveRow(back, p, step, classes, columns + ((<usize>lane) << 2));
      lane = (lane + 1) & 3;
      if (!lane) columns += groupBytes;
    }
    p += (<usize>count) << 2;
    rows -= count;
    position += count;
    if (position == inner) {
      position = 0;
      p += (<usize>classes - 1) * step;
    }
  }
}

function moveRow(back: bool, p: usize, step: usize, classes: i32, column: usize): void {
  for (const end = column + ((<usize>classes) << 4); column < end; column += 16) {
    if (back) store<u32>(p, load<u32>(column));
    else store<u32>(column, load<u32>(p));
    p += step;
  }
}

function gatherGroups(p: usize, step: usize, groups: i32, classes: i32, columns: usize): void {
  const groupBytes = (<usize>classes) << 4;
  for (; classes >= 4; classes -= 4) {
    let p0 = p;
    let p1 = p0 + step;
    let p2 = p1 + step;
    let p3 = p2 + step;
    const next = p3 + step;
    let column = columns;
    for (let g = 0; g < groups; g++) {
      v128.store(column, v128.load(p0));
      v128.store(column, v128.load(p1), 16);
      v128.store(column, v128.load(p2), 32);
      v128.store(column, v128.load(p3), 48);
      p0 += 16;
      p1 += 16;
      p2 += 16;
      p3 += 16;
      column += groupBytes;
    }
    p = next;
    columns += 64;
  }
  for (; classes > 0; classes--) {
    let p0 = p;
    let column = columns;
    for (let g = 0; g < groups; g++) {
      v128.store(column, v128.load(p0));
      p0 += 16;
      column += groupBytes;
    }
    p += step;
    columns += 16;
  }
}

function scatterGroups(p: usize, step: usize, groups: i32, classes: i32, columns: usize): void {
  const groupBytes = (<usize>classes) << 4;
  for (; classes >= 4; classes -= 4) {
    let p0 = p;
    let p1 = p0 + step;
    let p2 = p1 + step;
    let p3 = p2 + step;
    const next = p3 + step;
    let column = columns;
    for (let g = 0; g < groups; g++) {
      v128.store(p0, v128.load(column));
      v128.store(p1, v128.load(column, 16));
      v128.store(p2, v128.load(column, 32));
      v128.store(p3, v128.load(column, 48));
      p0 += 16;
      p1 += 16;
      p2 += 16;
      p3 += 16;
      column += groupBytes;
    }
    p = next;
    columns += 64;
  }
  for (; classes > 0; classes--) {
    let p0 = p;
    let column = columns;
    for (let g = 0; g < groups; g++) {
      v128.store(p0, v128.load(column));
      p0 += 16;
      column += groupBytes;
    }
    p += step;
    columns += 16;
  }
}
