import { describe, expect, it } from "vitest";
import {
  decodeBfloat16,
  decodeFloat16,
  encodeBfloat16,
  encodeFloat16,
  fromFloat16,
  toFloat16,
} from "./half.ts";

const everyPattern = Array.from({ length: 65536 }, (_unused, bits) => bits);

describe("float16", () => {
  it("values of known patterns", () => {
    const known: [number, number][] = [
      [0x0000, 0],
      [0x8000, -0],
      [0x3c00, 1],
      [0xc000, -2],
      [0x3555, 0.333251953125],
      [0x7bff, 65504],
      [0x0400, 2 ** -14],
      [0x03ff, 2 ** -14 - 2 ** -24],
      [0x0001, 2 ** -24],
      [0x7c00, Infinity],
      [0xfc00, -Infinity],
    ];
    for (const [bits, value] of known) {
      expect(decodeFloat16(bits)).toBe(value);
      expect(encodeFloat16(value)).toBe(bits);
    }
    expect(decodeFloat16(0x7e00)).toBeNaN();
    expect(encodeFloat16(NaN)).toBe(0x7e00);
  });

  it("every pattern survives decode and encode, NaN as one value", () => {
    const changed = everyPattern.filter((bits) => {
      const value = decodeFloat16(bits);
      return encodeFloat16(value) !== (Number.isNaN(value) ? 0x7e00 : bits);
    });
    expect(changed).toEqual([]);
  });

  it("ties go to the even fraction, also into the exponent, ∞ and 0", () => {
    expect(encodeFloat16(1 + 2 ** -11)).toBe(0x3c00);
    expect(encodeFloat16(1 + 3 * 2 ** -11)).toBe(0x3c02);
    expect(encodeFloat16(1 + 2 ** -11 + 2 ** -40)).toBe(0x3c01);
    expect(encodeFloat16(2 - 2 ** -11)).toBe(0x4000);
    expect(encodeFloat16(65519.99)).toBe(0x7bff);
    expect(encodeFloat16(65520)).toBe(0x7c00);
    expect(encodeFloat16(2 ** -25)).toBe(0);
    expect(encodeFloat16(-(2 ** -25))).toBe(0x8000);
    expect(encodeFloat16(1.0001 * 2 ** -25)).toBe(1);
  });

  it("rounds once: a value between a tie and its float32 goes by the value", () => {
    // float32 would round it to the tie first, and the tie to even.
    expect(encodeFloat16(1 + 2 ** -11 + 2 ** -30)).toBe(0x3c01);
  });

  it("arrays", () => {
    expect([...fromFloat16(toFloat16([0.5, -65504]))]).toEqual([0.5, -65504]);
  });
});

describe("bfloat16", () => {
  it("every pattern is the upper half of a float32", () => {
    const float = new Float32Array(1);
    const word = new Uint32Array(float.buffer);
    const wrong = everyPattern.filter((bits) => {
      word[0] = bits * 65536;
      const value = decodeBfloat16(bits);
      const back = Number.isNaN(value) ? 0x7fc0 : bits;
      return !Object.is(value, float[0]) || encodeBfloat16(value) !== back;
    });
    expect(wrong).toEqual([]);
  });

  it("ties go to the even fraction, the greatest float32 to ∞", () => {
    expect(encodeBfloat16(1 + 2 ** -8)).toBe(0x3f80);
    expect(encodeBfloat16(1 + 3 * 2 ** -8)).toBe(0x3f82);
    expect(encodeBfloat16(-1.7531)).toBe(0xbfe0);
    expect(encodeBfloat16((2 - 2 ** -23) * 2 ** 127)).toBe(0x7f80);
    expect(encodeBfloat16(NaN)).toBe(0x7fc0);
    expect(encodeBfloat16(2 ** -134)).toBe(0);
  });
});
