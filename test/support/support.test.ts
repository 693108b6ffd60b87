/** The matchers and guards must be able to fail. */
import { describe, expect, it } from "vitest";
import { GuardedRegion, guardedSize } from "./guard.ts";
import { expectClose, expectSameBits, expectZeros, sameBits } from "./matchers.ts";
import { Random } from "./random.ts";
import { exact, softmax } from "./tolerance.ts";
import { GREATEST, ulp32, ulpDistance } from "./ulp.ts";

describe("ulp", () => {
  it("spacing of float32", () => {
    expect(ulp32(1)).toBe(2 ** -23);
    expect(ulp32(-1.999)).toBe(2 ** -23);
    expect(ulp32(0.999)).toBe(2 ** -24);
    expect([ulp32(0), ulp32(2 ** -149), ulp32(2 ** -126)]).toEqual(Array(3).fill(2 ** -149));
    expect([ulp32(GREATEST), ulp32(Infinity)]).toEqual([2 ** 104, 2 ** 104]);
  });

  it("distances, also of non-finite values", () => {
    expect(ulpDistance(1 + 2 ** -22, 1)).toBe(2);
    expect(ulpDistance(NaN, NaN)).toBe(0);
    expect(ulpDistance(Infinity, Infinity)).toBe(0);
    expect(ulpDistance(Infinity, 1e39)).toBe(0);
    expect(ulpDistance(NaN, 1)).toBe(Infinity);
    expect(ulpDistance(Infinity, -Infinity)).toBe(Infinity);
  });
});

describe("expectClose", () => {
  it("returns the worst distance, and prints index, input, got, expected, ulp", () => {
    expect(expectClose([1 + 2 ** -22, 0.5], [1, 0.5], softmax)).toBe(2);
    expect(() => expectClose([1, 2], [1, 3], exact, { input: [7, 8], context: "seed 5" })).toThrow(
      "seed 5: 1 of 2 not within exact\n  [1] input 8 got 2 expected 3 (4.194e+6 ulp)",
    );
  });

  it("NaN, infinities and lengths must match", () => {
    for (const [got, truth] of [
      [NaN, 1],
      [1, NaN],
      [Infinity, 1],
      [1, Infinity],
      [-Infinity, Infinity],
      [NaN, Infinity],
      [-Infinity, 1e39],
    ] as const) {
      expect(() => expectClose(got, truth, softmax)).toThrow("not within");
    }
    expect(() => expectClose([1], [1, 2], softmax)).toThrow("got 1 elements, expected 2");
    expectClose([NaN, Infinity, Infinity, 0], [NaN, Infinity, 1e39, -0], softmax);
  });
});

describe("sameBits", () => {
  it("NaN is one value, 0 and −0 are two", () => {
    expect(sameBits([NaN, 1], [NaN, 1])).toBe(true);
    expect(sameBits([0], [-0])).toBe(false);
    expect(sameBits([0], [0, 0])).toBe(false);
    expect(() => expectSameBits([0], [-0])).toThrow("[0] got 0 expected -0");
    expect(() => expectZeros([0, -0, NaN])).toThrow("[2] got NaN");
  });
});

describe("Random", () => {
  it("the same seed gives the same data; moments are those of N(0, 1)", () => {
    const values = new Random(3).normals(20000);
    expect(sameBits(values, new Random(3).normals(20000))).toBe(true);
    expect(sameBits(values, new Random(4).normals(20000))).toBe(false);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(square - 1)).toBeLessThan(0.05);
  });
});

describe("GuardedRegion", () => {
  it("finds a write on either side, and none inside", () => {
    const host = { data: new Float32Array(guardedSize(5)) };
    for (const start of [1, 16, 17, 18, 19]) {
      const region = new GuardedRegion(host, start, 5);
      expect(region.pointer).toBe(4 * start);
      expect(region.data.every(Number.isNaN)).toBe(true);
      region.data.fill(1);
      region.check();
      host.data[start + 5] = 0;
      expect(() => region.check("tail")).toThrow("tail: wrote 0x0 1 past the end of the region");
      const again = new GuardedRegion(host, start, 5);
      host.data[start - 1] = 1;
      expect(() => again.check()).toThrow("1 before the start");
    }
    expect(() => new GuardedRegion(host, 0, 5)).toThrow(RangeError);
    expect(() => new GuardedRegion(host, 1, 37)).toThrow(RangeError);
  });
});
