import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import { writeNpy } from "../../src/io/index.ts";
import { temporaryFolder } from "../io/folder.ts";
import { logits } from "./command.ts";

const folder = temporaryFolder();
const z = [2, 1, 0, -1, 5, 5, NaN, 0, 0, -Infinity, 0, 1];
const y = [0, 2, -100, 1];
await writeNpy(folder.at("z.npy"), { data: Float32Array.from(z), shape: [4, 3] });
await writeNpy(folder.at("y.npy"), { data: Int32Array.from(y), shape: [4] });
const [file, labels] = [folder.at("z.npy"), folder.at("y.npy")];

describe("score", () => {
  it("writes the columns of engine.score, a line a row", async () => {
    const engine = createEngine();
    const wanted = engine.score({ data: Float32Array.from(z), shape: [4, 3] }, y, { topK: 2 });
    const path = folder.at("scores.csv");
    const args = ["score", file, path, "--targets", labels, "--top-k", "2", "--quiet"];
    const { code, err } = await logits(...args);
    const out = readFileSync(path, "utf8");
    expect([code, err]).toEqual([0, ""]);
    const [head, ...lines] = out
      .trim()
      .split("\n")
      .map((line) => line.split(","));
    expect(head).toEqual(
      ["row", "argmax", "logSumExp", "max", "entropy", "margin", "flags"].concat([
        "target",
        "targetLogprob",
        "rank",
        "class_1",
        "logprob_1",
        "class_2",
        "logprob_2",
      ]),
    );
    const number = (text: string) =>
      text === "nan" ? NaN : text === "-inf" ? -Infinity : Number(text);
    lines.forEach((cells, row) => {
      const line = Object.fromEntries(cells.map((cell, i) => [head[i], Math.fround(number(cell))]));
      expect(line).toMatchObject({
        row,
        target: y[row],
        argmax: wanted.argmax[row],
        logSumExp: wanted.logSumExp[row],
        entropy: wanted.entropy[row],
        margin: wanted.margin[row],
        flags: wanted.flags[row],
        targetLogprob: wanted.targetLogprob[row],
        rank: wanted.rank[row],
        class_2: wanted.topK.indices.data[2 * row + 1],
        logprob_2: wanted.topK.values.data[2 * row + 1],
      });
    });
    expect(lines.length).toBe(4);
  });

  it("as JSON lines, with names and without targets; NaN is null", async () => {
    const names = folder.put("names.txt", 'a\nb "c"\nd\n');
    const out = folder.at("scores.jsonl");
    const { code } = await logits("score", file, out, "--classes", names, "--top-k", "1", "--json");
    expect(code).toBe(0);
    const read = readFileSync(out, "utf8").trim().split("\n");
    const rows = read.map((line) => JSON.parse(line));
    expect(rows[0]).toMatchObject({ row: 0, argmax: "a", max: 2, flags: 0, classes: ["a"] });
    expect(rows[1]).toMatchObject({ argmax: 'b "c"', margin: 0 });
    expect(rows[2]).toMatchObject({ logSumExp: null, flags: 1 });
    expect("target" in rows[0]).toBe(false);
  });

  it("refuses other formats, and targets that do not fit", async () => {
    const npy = await logits("score", file, folder.at("s.npy"));
    expect([npy.code, npy.err]).toEqual([
      2,
      expect.stringContaining("score writes csv, tsv, jsonl"),
    ]);
    await writeNpy(folder.at("short.npy"), { data: Int32Array.of(0, 1), shape: [2] });
    const short = await logits(
      "score",
      file,
      folder.at("s.csv"),
      "--targets",
      folder.at("short.npy"),
    );
    expect([short.code, short.err]).toEqual([
      1,
      expect.stringMatching(/short\.npy: row 0: must have/),
    ]);
  });
});
