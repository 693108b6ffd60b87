import { describe, expect, it } from "vitest";
import { toBfloat16, toFloat16 } from "../../src/io/narrow.ts";
import { bfloat16Of, float16Of } from "../../src/memory/half.ts";

describe.each([
  ["float16", toFloat16, float16Of, 0x7c00],
  ["bfloat16", toBfloat16, bfloat16Of, 0x7f80],
] as const)("%s", (_name, narrow, widen, infinity) => {
  it("gives every number it has back, and keeps NaN a NaN", () => {
    for (let bits = 0; bits < 65536; bits++) {
      const isNaN = (bits & 0x7fff) > infinity;
      if (isNaN) expect((narrow(widen(bits)) & 0x7fff) > infinity).toBe(true);
      else expect(narrow(widen(bits))).toBe(bits);
    }
  });

  it("rounds to nearest, ties to even, on both sides of every midpoint", () => {
    for (let bits = 0; bits < infinity - 1; bits++) {
      const [low, high] = [widen(bits), widen(bits + 1)];
      const middle = (low + high) / 2; // a float32
      const even = bits % 2 === 0 ? bits : bits + 1;
      const step = (high - low) / 8;
      for (const [value, wanted] of [
        [middle, even],
        [middle - step, bits],
        [middle + step, bits + 1],
      ]) {
        if (Math.fround(value) !== value) continue; // below the smallest step of float32
        expect(narrow(value)).toBe(wanted);
        expect(narrow(-value)).toBe(wanted | 0x8000);
      }
    }
  });
});

it("overflows where the field does: 65520 is ∞ as float16, 65519 is not", () => {
  expect([65519, 65520, Infinity, 3e38].map(toFloat16)).toEqual([0x7bff, 0x7c00, 0x7c00, 0x7c00]);
  expect(toBfloat16(3.4e38)).toBe(0x7f80);
});
