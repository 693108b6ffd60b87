import { existsSync, readFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { writeNpy } from "../../src/io/index.ts";
import { describeTable } from "../../src/io/rowTable.ts";
import { ReadAhead } from "../../src/jobs/readAhead.ts";
import { temporaryFolder } from "../io/folder.ts";

const folder = temporaryFolder();
const [ROWS, CLASSES] = [6000, 1000];
const BYTES = ROWS * CLASSES * 4;
await writeNpy(folder.at("a-1.npy"), {
  data: new Float32Array(ROWS * CLASSES),
  shape: [ROWS, CLASSES],
});
await writeNpy(folder.at("a-2.npy"), {
  data: new Float32Array(ROWS * CLASSES),
  shape: [ROWS, CLASSES],
});

/** Bytes that this process has read so far. */
const read = () => Number(/rchar: (\d+)/.exec(readFileSync("/proc/self/io", "utf8"))![1]);

describe.skipIf(!existsSync("/proc/self/io"))("ReadAhead", () => {
  it("reads every row once, through all files, and no more than some MiB ahead", async () => {
    const table = (await describeTable(folder.at("a-*.npy"), {}))!;
    const ahead = new ReadAhead(table, 2 * ROWS);
    const before = read();
    ahead.follow(0);
    // Four reads of whole rows in 4 MiB.
    while (read() - before < 4 * 1048 * CLASSES * 4) await setImmediate();
    for (let i = 0; i < 20; i++) await setImmediate();
    expect(read() - before).toBeLessThan(BYTES);
    for (let row = 0; row < 2 * ROWS; row += 100) {
      ahead.follow(row);
      while (read() - before < (row + 100) * CLASSES * 4) {
        ahead.follow(row);
        await setImmediate();
      }
    }
    await ahead.close();
    expect(read() - before).toBeLessThan(2 * BYTES + 2 ** 20);
  });

  it("does no harm where a file is gone", async () => {
    await writeNpy(folder.at("b.npy"), { data: new Float32Array(4), shape: [2, 2] });
    const table = (await describeTable(folder.at("b.npy"), {}))!;
    const gone = { ...table, parts: [{ ...table.parts[0]!, file: folder.at("gone.npy") }] };
    const ahead = new ReadAhead(gone, 2);
    ahead.follow(0);
    await expect(ahead.close()).resolves.toBeUndefined();
  });
});
