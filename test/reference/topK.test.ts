import { describe, expect, it } from "vitest";
import { argmax } from "./argmax.ts";
import { topK } from "./topK.ts";

describe("argmax", () => {
  it("lowest index in ties, −0 equals 0", () => {
    expect([...argmax([1, 3, 3, 3, 0])]).toEqual([1]);
    expect([...argmax([-0, 0, -0])]).toEqual([0]);
    expect([...argmax([-Infinity, -Infinity])]).toEqual([0]);
  });

  it("NaN counts as greatest, the first NaN wins", () => {
    expect([...argmax([0, 3, Infinity, NaN, 3, NaN])]).toEqual([3]);
    expect([...argmax([NaN, 1, 2])]).toEqual([0]);
    expect([...argmax([NaN, NaN])]).toEqual([0]);
  });

  it("any axis", () => {
    expect([...argmax([1, NaN, NaN, 5], [2, 2], { axis: 0 })]).toEqual([1, 0]);
    expect([...argmax([4], [])]).toEqual([0]);
  });
});

describe("topK", () => {
  it("best first, lowest index first in ties", () => {
    const { values, indices, shape } = topK([1, 3, 3, 3, 0], [5], 4);
    expect([...values]).toEqual([3, 3, 3, 1]);
    expect([...indices]).toEqual([1, 2, 3, 0]);
    expect(shape).toEqual([4]);
    expect([...topK([-0, 0, -0], [3], 3).indices]).toEqual([0, 1, 2]);
  });

  it("NaN first for the greatest, last for the smallest", () => {
    const x = [1, NaN, 3, NaN, -Infinity, Infinity];
    expect([...topK(x, [6], 6).indices]).toEqual([1, 3, 5, 2, 0, 4]);
    expect([...topK(x, [6], 6, { largest: false }).indices]).toEqual([4, 0, 2, 5, 1, 3]);
  });

  it("smallest: lowest index first in ties too", () => {
    expect([...topK([2, 1, 1, 0], [4], 3, { largest: false }).indices]).toEqual([3, 1, 2]);
  });

  it("any axis: k stands in place of its length", () => {
    const { values, indices, shape } = topK([1, 6, 5, 2, 3, 4], [3, 2], 2, { axis: 0 });
    expect(shape).toEqual([2, 2]);
    expect([...values]).toEqual([5, 6, 3, 4]);
    expect([...indices]).toEqual([1, 0, 2, 2]);
  });

  it("k from 0 to C, never clamped", () => {
    expect(topK([1, 2], [2], 0).values.length).toBe(0);
    expect(topK([1, 2], [1, 2], 0).shape).toEqual([1, 0]);
    expect([...topK([1, 2], [2], 2).values]).toEqual([2, 1]);
    expect([...topK([7], [], 1).values]).toEqual([7]);
    for (const k of [-1, 3, 1.5]) expect(() => topK([1, 2], [2], k)).toThrow(RangeError);
  });
});
