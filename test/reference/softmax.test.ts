import { describe, expect, it } from "vitest";
import { expectClose, expectSameBits } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import { exact, oracle } from "../support/tolerance.ts";
import { logSoftmax } from "./logSoftmax.ts";
import { logSumExp } from "./logSumExp.ts";
import { softmax } from "./softmax.ts";
import { sum } from "./sum.ts";

// Computed with mpmath at 60 digits: x = [1, 2, 3], T = 0.5.
const HALF_TEMPERATURE = [0.015876239976466765, 0.11731042782619835, 0.8668133321973349];
const HALF_TEMPERATURE_LOG = [-4.142931628499899, -2.1429316284998996, -0.14293162849989954];

describe("softmax: values", () => {
  it("temperature divides the logits", () => {
    expectClose(softmax([1, 2, 3], [3], { temperature: 0.5 }), HALF_TEMPERATURE, oracle);
    expectClose(logSoftmax([1, 2, 3], [3], { temperature: 0.5 }), HALF_TEMPERATURE_LOG, oracle);
  });

  it("lse of golden rows", () => {
    const lse = logSumExp([1, 2, 3, 0, 0, 0], [2, 3]);
    expectClose(lse, [3.40760596444438, 1.09861228866811], oracle);
  });

  it("log_softmax does not underflow", () => {
    const x = [-1000, -104, -5, 0];
    const lse = Math.log1p(Math.exp(-5) + Math.exp(-104));
    expectClose(
      logSoftmax(x),
      x.map((value) => value - lse),
      oracle,
    );
  });

  it("any axis is the same rows elsewhere", () => {
    const x = new Random(1).normals(24, 3);
    const across = softmax(x, [2, 3, 4], { axis: 1 });
    for (const [i, k] of [
      [0, 0],
      [1, 3],
    ] as const) {
      const at = [0, 1, 2].map((j) => i * 12 + j * 4 + k);
      const row = softmax(at.map((place) => x[place] as number));
      expectSameBits(
        at.map((place) => across[place] as number),
        row,
      );
    }
  });
});

describe("softmax: offsets", () => {
  it("x + 1e4 and x + 1e7 give the same bits", () => {
    for (const offset of [1e4, 1e7]) {
      const moved = [1, 2, 3].map((value) => value + offset);
      expectSameBits(softmax(moved), softmax([1, 2, 3]));
      expectSameBits(logSoftmax(moved), logSoftmax([1, 2, 3]));
    }
  });

  it("equal logits of 1e8: thirds, lse 1e8 + ln 3", () => {
    expectClose(softmax([1e8, 1e8, 1e8]), [1 / 3, 1 / 3, 1 / 3], oracle);
    expectClose(logSumExp([1e8, 1e8, 1e8]), 1e8 + Math.log(3), oracle);
    expectClose(logSoftmax([1e8, 1e8, 1e8]), Array(3).fill(-Math.log(3)), oracle);
  });

  it("greatest and smallest float32 in one row: nothing overflows", () => {
    const greatest = (2 - 2 ** -23) * 2 ** 127;
    expect([...softmax([greatest, -greatest, 0])]).toEqual([1, 0, 0]);
    expect([...logSoftmax([greatest, -greatest, 0])]).toEqual([0, -2 * greatest, -greatest]);
  });

  it("a row sums to 1, any width", () => {
    for (const classes of [1, 2, 3, 5, 17, 1000, 32000]) {
      const p = softmax(new Random(classes).normals(classes, 3));
      expect(Math.abs(sum(p) - 1)).toBeLessThan(1e-15 * Math.sqrt(classes) + 1e-15);
    }
  });
});

describe("softmax: infinities and NaN", () => {
  const infinite: [string, number[], number][] = [
    ["all −∞", [-Infinity, -Infinity], -Infinity],
    ["+∞", [Infinity, 1, 2], Infinity],
    ["+∞ and −∞", [Infinity, -Infinity], Infinity],
    ["NaN", [NaN, 1, 2], NaN],
    ["NaN and +∞", [Infinity, NaN], NaN],
    ["NaN and −∞", [-Infinity, NaN], NaN],
  ];
  for (const [name, x, lse] of infinite) {
    it(`${name}: softmax and logSoftmax NaN, logSumExp ${lse}`, () => {
      const nan = x.map(() => NaN);
      expectClose(softmax(x), nan, exact);
      expectClose(logSoftmax(x), nan, exact);
      expectClose(logSumExp(x), lse, exact);
    });
  }

  it("−∞ beside finite logits is an exact 0", () => {
    const p = softmax([-Infinity, 0, 1]);
    expectClose(p, [0, 0.2689414213699951, 0.7310585786300049], oracle);
    expect(logSoftmax([-Infinity, 0, 1])[0]).toBe(-Infinity);
  });

  it("allMasked zero: 0 and −∞ for a row of −∞ only; other rows as they were", () => {
    const x = [-Infinity, -Infinity, 0, 0, NaN, 0];
    expectClose(softmax(x, [3, 2], { allMasked: "zero" }), [0, 0, 0.5, 0.5, NaN, NaN], exact);
    const logs = logSoftmax(x, [3, 2], { allMasked: "zero" });
    expectClose(logs.subarray(0, 2), [-Infinity, -Infinity], exact);
  });

  it("lse of nothing is −∞", () => {
    expect([...logSumExp([], [0])]).toEqual([-Infinity]);
    expect([...logSumExp([], [2, 0])]).toEqual([-Infinity, -Infinity]);
    expect(logSumExp([], [0, 2]).length).toBe(0);
    expect(softmax([], [2, 0]).length).toBe(0);
  });

  it("the only finite value at any position: lse is that value", () => {
    for (const length of [1, 7, 33]) {
      for (let place = 0; place < length; place++) {
        const x = new Float64Array(length).fill(-Infinity);
        x[place] = -1.25;
        expect(logSumExp(x)[0]).toBe(-1.25);
        expect(softmax(x)[place]).toBe(1);
        expect(logSoftmax(x)[place]).toBe(0);
      }
    }
  });

  it("several axes at once", () => {
    const x = [0, 1, 2, 3, 4, 5, 6, 7];
    const all = logSumExp(x, [2, 2, 2], { axis: [0, 1, 2] });
    expectClose(all, logSumExp(x), oracle);
    expectClose(
      logSumExp(x, [2, 2, 2], { axis: [0, 2] }),
      [logSumExp([0, 1, 4, 5])[0] as number, logSumExp([2, 3, 6, 7])[0] as number],
      oracle,
    );
  });
});
