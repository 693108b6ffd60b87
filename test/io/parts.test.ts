/**
 * A part of the rows, and blocks that are written over: the same values from every format.
 */
import { describe, expect, it } from "vitest";
import { openRows, writeNpy, writeSafetensors } from "../../src/io/index.ts";
import { temporaryFolder } from "./folder.ts";

const folder = temporaryFolder();
const [ROWS, COLUMNS] = [23, 3];
const data = Float32Array.from({ length: ROWS * COLUMNS }, (_, i) => i / 4);
const shape = [ROWS, COLUMNS];
await writeNpy(folder.at("a.npy"), { data, shape });
await writeNpy(folder.at("a.npy.gz"), { data, shape });
await writeSafetensors(folder.at("a.safetensors"), { a: { data, shape } });
const lines = Array.from({ length: ROWS }, (_, row) => [
  ...data.subarray(row * COLUMNS, (row + 1) * COLUMNS),
]);
folder.put("a.csv", `${lines.join("\n")}\n`);
for (const part of [0, 1, 2]) {
  const some = data.subarray(part * 8 * COLUMNS, (part * 8 + 8) * COLUMNS);
  const rows = some.length / COLUMNS;
  await writeNpy(folder.at(`part-${part}.npy`), { data: some, shape: [rows, COLUMNS] });
}

describe.each(["a.npy", "a.npy.gz", "a.safetensors", "a.csv", "part-*.npy"])("%s", (name) => {
  it("gives the rows that are asked for, with their numbers", async () => {
    for (const [firstRow, rows] of [
      [0, 23],
      [0, 1],
      [5, 11],
      [7, 2],
      [8, 8],
      [22, 1],
      [22, 100],
      [23, 5],
      [40, 1],
      [3, 0],
    ]) {
      for (const blockRows of [1, 4, 100]) {
        for (const reuse of [false, true]) {
          const got: number[] = [];
          let next = firstRow;
          const options = { firstRow, rows, blockRows, reuse };
          for await (const block of openRows(folder.at(name), options)) {
            expect(block.firstRow).toBe(next);
            expect(block.shape).toEqual([block.data.length / COLUMNS, COLUMNS]);
            next += block.shape[0];
            got.push(...Array.from(block.data, Number));
          }
          const wanted = data.subarray(firstRow * COLUMNS, (firstRow + rows) * COLUMNS);
          expect(got).toEqual([...wanted]);
        }
      }
    }
  });
});

describe("reuse", () => {
  const buffersOf = async (reuse: boolean) => {
    const buffers = new Set<unknown>();
    for await (const { data: block } of openRows(folder.at("a.npy"), { blockRows: 2, reuse })) {
      buffers.add(block.buffer);
    }
    return buffers.size;
  };

  it("reads into two buffers by turns; without it every block has its own", async () => {
    expect(await buffersOf(true)).toBe(2);
    expect(await buffersOf(false)).toBe(12);
  });
});
