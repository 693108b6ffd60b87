/**
 * The inlined builds as bytes. They travel as one text, `strict` and then `fma`, that a small module of
 * its own unpacks: assembly/unpack.ts. scripts/packModule.mjs writes the text.
 */
import type { Numerics } from "../types.js";
import { ENDS, PACKED, UNPACKER } from "./inline.generated.js";
import { compileBytes, instantiateModule, makeMemory } from "./instantiate.js";

/** Bytes of memory that are enough beside the text and the builds. */
const CONTEXTS = 1 << 18;

export function unpack(numerics: Numerics): Uint8Array<ArrayBuffer> {
  const end = ENDS[numerics];
  const memory = makeMemory(CONTEXTS + end + PACKED.length);
  const bytes = new Uint8Array(memory.buffer);
  const text = bytes.length - PACKED.length;
  bytes.set(new TextEncoder().encode(PACKED), text);
  const unpacker = compileBytes(Uint8Array.from(atob(UNPACKER), (byte) => byte.charCodeAt(0)));
  const from = instantiateModule<Unpacker>(unpacker, memory).unpack(text, end);
  return bytes.slice(from + (numerics === "fma" ? ENDS.strict : 0), from + end);
}

type Unpacker = { unpack(textPtr: number, bytes: number): number };
