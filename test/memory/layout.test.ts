import { describe, expect, it } from "vitest";
import {
  elementLayout,
  layoutOf,
  reducedShape,
  rowsTogether,
  withClasses,
} from "../../src/memory/layout.ts";
import { failureOf } from "../support/operations.ts";

describe("layoutOf", () => {
  it("reads a shape as (outer, classes, inner)", () => {
    const { outer, classes, inner, rows } = layoutOf("f", [2, 3, 4, 5], 1);
    expect([outer, classes, inner, rows]).toEqual([2, 3, 20, 40]);
    expect(layoutOf("f", [2, 3], -1)).toEqual(layoutOf("f", [2, 3], 1));
    expect(layoutOf("f", [2, 3], -2).axis).toBe(0);
  });

  it("shape [] is one axis of one element, and zero-sized axes have no rows or no classes", () => {
    for (const axis of [0, -1])
      expect(layoutOf("f", [], axis)).toMatchObject({ rows: 1, classes: 1 });
    expect(layoutOf("f", [0, 3])).toMatchObject({ rows: 0, classes: 3 });
    expect(layoutOf("f", [3, 0])).toMatchObject({ rows: 3, classes: 0 });
  });

  it.each([
    [2, "ERR_ARGUMENT_VALUE"],
    [-3, "ERR_ARGUMENT_VALUE"],
    [0.5, "ERR_ARGUMENT_VALUE"],
    [NaN, "ERR_ARGUMENT_VALUE"],
    ["1", "ERR_ARGUMENT_TYPE"],
    [null, "ERR_ARGUMENT_TYPE"],
    [1n, "ERR_ARGUMENT_TYPE"],
  ])("refuses axis %s of a matrix", (axis, code) => {
    const error = failureOf(() => layoutOf("f", [2, 3], axis));
    expect([error.code, error.argument]).toEqual([code, "axis"]);
  });

  it("names range and shape", () => {
    expect(failureOf(() => layoutOf("softmax", [2, 3], 2)).message).toBe(
      "softmax: axis must be in [-2, 2) for shape [2, 3], got 2",
    );
  });
});

it("rows along another axis are staged in lines of the cache, and in parts of them where they are long", () => {
  const together = (classes: number): number => rowsTogether(layoutOf("f", [2, classes, 3], 1));
  expect([1, 150, 1000, 4096, 4097, 8192, 8193, 32000, 32768].map(together)).toEqual([
    64, 64, 64, 64, 32, 32, 16, 16, 16,
  ]);
  expect([32769, 128256, 262144, 524288, 1000000].map(together)).toEqual([8, 4, 2, 1, 1]);
  expect(rowsTogether(layoutOf("f", [2, 3, 1000], 2))).toBe(1);
});

it("shapes of results", () => {
  const layout = layoutOf("f", [2, 3, 4], 1);
  expect(reducedShape(layout, false)).toEqual([2, 4]);
  expect(reducedShape(layout, true)).toEqual([2, 1, 4]);
  expect(reducedShape(layoutOf("f", [], 0), true)).toEqual([]);
  expect(withClasses(layout, 2).shape).toEqual([2, 2, 4]);
  expect(withClasses(layoutOf("f", []), 1).shape).toEqual([]);
  expect(withClasses(layoutOf("f", []), 0).shape).toEqual([0]);
  expect(elementLayout([2, 3])).toMatchObject({ rows: 6, classes: 1 });
});
