/**
 * A folder that lasts for one test file, and rows of files as plain numbers.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { type OpenRowsOptions, type RowBlock, openRows } from "../../src/io/index.ts";
import { float16Of, bfloat16Of } from "../../src/memory/half.ts";

export const fixture = (name: string) =>
  fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

export function temporaryFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), "logits-io-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const at = (name: string) => path.join(folder, name);
  return {
    at,
    put(name: string, content: string | Uint8Array) {
      writeFileSync(at(name), content);
      return at(name);
    },
  };
}

export async function blocksOf(file: string | readonly string[], options?: OpenRowsOptions) {
  const blocks: RowBlock[] = [];
  for await (const block of openRows(file, options)) blocks.push(block);
  return blocks;
}

export function numbersOf({ data, dtype }: RowBlock): number[] {
  if (dtype === "float16") return Array.from(data as Uint16Array, float16Of);
  if (dtype === "bfloat16") return Array.from(data as Uint16Array, bfloat16Of);
  return Array.from(data as Float32Array, Number);
}

/** All elements in order, and the number of blocks they came in. */
export async function allOf(file: string | readonly string[], options?: OpenRowsOptions) {
  const blocks = await blocksOf(file, options);
  const [first] = blocks;
  return {
    numbers: blocks.flatMap(numbersOf),
    dtype: first?.dtype,
    rowShape: first?.shape.slice(1),
    starts: blocks.map(({ firstRow }) => firstRow),
  };
}

/** What the fixtures hold: n − c / 4, 7 rows of 3. */
export const LOGITS = Array.from({ length: 21 }, (_, i) => Math.floor(i / 3) - (i % 3) / 4);
export const LABELS = [0, 1, 2, 0, 1, 2, 0];
