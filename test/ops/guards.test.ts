/**
 * Guard words round every tensor that a call is given: what reads past its input turns into NaN, and
 * what writes past its result is found. With the cases of test/parallel/cases.ts, which cut rows in
 * every way, and rows of odd lengths, which begin at every alignment.
 *
 *   tensor of guards | tensor, its padding | tensor of guards
 */
import { describe, expect, test } from "vitest";
import { Arena } from "../../src/memory/arena.ts";
import type { Engine } from "../../src/engine.ts";
import type { Tensor } from "../../src/index.ts";
import type { DType } from "../../src/types.ts";
import { bitsOf } from "../parallel/bits.ts";
import { type Arguments, CASES, type Maker } from "../parallel/cases.ts";
import { engineOver, engineParts, type Parts } from "../support/operations.ts";

/** A quiet NaN that no arithmetic makes. */
const GUARD_BITS = 0x7fc5a5a5;
const GUARD_LENGTH = 64;
const ALIGNMENT = 64;
const LIMITS = { tileElements: 4096, rowElements: 8192 };

interface Region {
  readonly start: number;
  readonly length: number;
}

type Call = (...given: unknown[]) => unknown;

/** Makes tensors between guards, and remembers where those stand. */
function guardedMaker(engine: Engine, regions: Region[]): Maker {
  const guard = (): void => {
    const { data } = engine.tensor([GUARD_LENGTH]);
    regions.push({ start: data.byteOffset, length: data.byteLength });
  };
  const tensor = (shape: readonly number[], dtype?: DType): unknown => {
    guard();
    const made = engine.tensor(shape, dtype as "float32");
    const end = made.data.byteOffset + made.data.byteLength;
    const word = Math.ceil(end / 4) * 4;
    regions.push({ start: word, length: Math.ceil(word / ALIGNMENT) * ALIGNMENT - word });
    guard();
    return made;
  };
  return { tensor: tensor as Engine["tensor"] };
}

function forEachWord(
  memory: WebAssembly.Memory,
  regions: readonly Region[],
  visit: (words: Uint32Array, i: number) => void,
): void {
  for (const { start, length } of regions) {
    const words = new Uint32Array(memory.buffer, start, length >> 2);
    for (let i = 0; i < words.length; i++) visit(words, i);
  }
}

/** Bits of a call between guards; throws where one of them has changed. */
function runGuarded(
  parts: Parts,
  name: string,
  given: Arguments,
): { bits: string; regions: Region[] } {
  const engine = engineOver(parts, new Arena(parts.memory, parts.heapBase), LIMITS);
  const regions: Region[] = [];
  const args = given(guardedMaker(engine, regions));
  forEachWord(parts.memory, regions, (words, i) => (words[i] = GUARD_BITS));
  const bits = bitsOf((engine as unknown as Record<string, Call>)[name]!(...args));
  forEachWord(parts.memory, regions, (words, i) => {
    if (words[i] !== GUARD_BITS) throw new Error(`wrote 0x${words[i]!.toString(16)} on a guard`);
  });
  return { bits, regions };
}

describe.each(Object.entries(CASES))("%s between guards", (name, cases) => {
  test("the same bits, and no guard changed", () => {
    const parts = engineParts();
    let guarded = 0;
    for (const [at, given] of cases.entries()) {
      const plain = engineOver(parts, new Arena(parts.memory, parts.heapBase), LIMITS);
      const expected = bitsOf((plain as unknown as Record<string, Call>)[name]!(...given(plain)));
      const { bits, regions } = runGuarded(parts, name, given);
      expect(bits, `case ${at}`).toBe(expected);
      guarded += regions.length;
    }
    expect(guarded, "cases with tensors").toBeGreaterThan(0);
  });
});

test("a kernel that writes one word too far is found", () => {
  const { kernels, ...parts } = engineParts();
  const softmaxRows: typeof kernels.softmaxRows = (zPtr, outPtr, rows, classes, ...rest) => {
    kernels.softmaxRows(zPtr, outPtr, rows, classes, ...rest);
    new Float32Array(parts.memory.buffer)[(outPtr >> 2) + rows * classes] = 1;
  };
  const careless = { ...parts, kernels: { ...kernels, softmaxRows } };
  const inPlace: Arguments = (make) => {
    const x = make.tensor([3, 70]) as Tensor<"float32">;
    return [x, { out: x }];
  };
  expect(runGuarded({ ...parts, kernels }, "softmax", inPlace).bits).toMatch(/^[0-9a-f]{16}$/);
  expect(() => runGuarded(careless, "softmax", inPlace)).toThrow("wrote 0x3f800000 on a guard");
});
