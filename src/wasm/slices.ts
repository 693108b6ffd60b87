/**
 * The inlined builds, which travel as slices of hexadecimal text in turns (scripts/build.mjs): side
 * by side they compress to little more than one of them.
 */
import type { Numerics } from "../types.js";
import { SLICES } from "./inline.generated.js";

/** Puts the bytes of a build together. */
export function joinSlices(numerics: Numerics): Uint8Array<ArrayBuffer> {
  const at = numerics === "strict" ? 0 : 1;
  const text = SLICES.map((slice) => slice[at]).join("");
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = (digit(text.charCodeAt(2 * i)) << 4) | digit(text.charCodeAt(2 * i + 1));
  }
  return bytes;
}

/** 0…9 are codes 48…57, a…f are 97…102. */
function digit(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}
