import { describe, expect, it } from "vitest";
import { broadcast } from "./broadcast.ts";
import { mapRows, readRow, rowsOf, splitShape } from "./rows.ts";
import { sum, times } from "./sum.ts";

const iota = (length: number): Float64Array => Float64Array.from({ length }, (_unused, i) => i);
const rowsIn = (shape: number[], axis?: number | number[]): number[][] => {
  const rows = rowsOf(shape, axis);
  const data = iota(shape.reduce((a, b) => a * b, 1));
  return Array.from({ length: rows.rows }, (_unused, i) => [...readRow(data, rows, i)]);
};

describe("rows", () => {
  it("last axis by default: consecutive elements", () => {
    expect(rowsIn([2, 3])).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
  });

  it("any axis: rows in the order of the shape without it", () => {
    expect(rowsIn([2, 3], 0)).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
    expect(rowsIn([2, 2, 2], 1)).toEqual([
      [0, 2],
      [1, 3],
      [4, 6],
      [5, 7],
    ]);
    expect(rowsIn([2, 2, 2], -2)).toEqual(rowsIn([2, 2, 2], 1));
    expect(splitShape([2, 3, 4, 5], 1)).toEqual({ outer: 2, classes: 3, inner: 20 });
  });

  it("several axes: joined in the order of the shape", () => {
    expect(rowsIn([2, 2, 2], [0, 2])).toEqual([
      [0, 1, 4, 5],
      [2, 3, 6, 7],
    ]);
    expect(rowsIn([2, 2], [1, 0])).toEqual([[0, 1, 2, 3]]);
  });

  it("shape [] is one element with one axis", () => {
    expect(rowsIn([])).toEqual([[0]]);
    expect(rowsOf([], 0).classes).toBe(1);
    expect(() => rowsOf([], 1)).toThrow(RangeError);
  });

  it("zero-sized shapes have no rows, or rows without classes", () => {
    expect(rowsIn([0, 3])).toEqual([]);
    expect(rowsIn([2, 0])).toEqual([[], []]);
  });

  it("mapRows puts every row back in its place", () => {
    const reversed = mapRows(iota(6), [2, 3], 0, (row) => row.toReversed());
    expect([...reversed]).toEqual([3, 4, 5, 0, 1, 2]);
  });
});

describe("broadcast", () => {
  it("matches axes from the last one on", () => {
    expect([...broadcast([1, 2], [3, 2])]).toEqual([1, 2, 1, 2, 1, 2]);
    expect([...broadcast({ data: [1, 2, 3], shape: [3, 1] }, [3, 2])]).toEqual([1, 1, 2, 2, 3, 3]);
    expect([...broadcast(7, [2])]).toEqual([7, 7]);
    expect([...broadcast([7], [])]).toEqual([7]);
  });

  it("repeats an inner axis within its neighbours", () => {
    const out = broadcast({ data: [1, 2, 3, 4], shape: [2, 1, 2] }, [2, 2, 2]);
    expect([...out]).toEqual([1, 2, 1, 2, 3, 4, 3, 4]);
  });

  it("refuses what does not fit", () => {
    expect(() => broadcast([1, 2, 3], [3, 2])).toThrow(RangeError);
    expect(() => broadcast({ data: [1, 2], shape: [1, 2] }, [2])).toThrow(RangeError);
  });
});

describe("sum", () => {
  it("carries its rounding errors along", () => {
    expect(sum([1, 1e100, 1, -1e100])).toBe(2);
    expect(sum(Array.from({ length: 1000 }, () => 0.1))).toBe(100);
  });

  it("is the plain sum beside infinities and NaN", () => {
    expect(sum([1, Infinity])).toBe(Infinity);
    expect(sum([Infinity, -Infinity])).toBeNaN();
    expect(sum([NaN, 1])).toBeNaN();
    expect(sum([])).toBe(0);
  });

  it("zero times anything is 0", () => {
    expect([times(0, Infinity), times(0, NaN), times(-0, -Infinity)]).toEqual([0, 0, 0]);
    expect(times(NaN, 0)).toBeNaN();
  });
});
