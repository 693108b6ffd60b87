/** The reader of documents reads what it should, and does not pass what is wrong. */
import { describe, expect, test } from "vitest";
import { Thrown, parseExpected, statesValue } from "./expected.ts";
import { AS_WRITTEN, readDocument, runDocument } from "./snippets.ts";

const coded = (code: string) => new Thrown(Object.assign(new Error("no"), { code }));

describe("an expected value", () => {
  test.each<[string, unknown]>([
    ["1.5", 1.5],
    ["1.534944", 1.53494351392687],
    ["0.4076…", 0.40760596],
    ["-0.4549…", -0.45498471],
    ["2.0611536e-9", 2.06115362e-9],
    ["1e-9", 1.2e-9],
    ["-20", -20],
    ["0", -0],
    ["-0", -0],
    ["NaN", NaN],
    ["-Infinity", -Infinity],
    ["true", true],
    ['"mean"', "mean"],
    ["undefined", undefined],
    ["[1, 2.50, NaN]", [1, 2.5, NaN]],
    ["[]", []],
    ["[1, …]", [1, 2, 3]],
    ["[[1], [2]]", [[1], [2]]],
    ["Float32Array [0.1]", Float32Array.of(0.1)],
    ["Int32Array(2) [1, 2]", Int32Array.of(1, 2)],
    ["{ a: 1, b: [2] }", { a: 1, b: [2] }],
    ["{ a: 1, … }", { a: 1, b: 2 }],
    ["throws ERR_SHAPE", coded("ERR_SHAPE")],
    ["1.5, as in PyTorch", 1.5],
    ["NaN (PyTorch)", NaN],
  ])("%s holds for %o", (text, got) => {
    expect(statesValue(text)).toBe(true);
    expect(parseExpected(text)(got)).toBeUndefined();
  });

  test.each<[string, unknown]>([
    ["1.5", 1.56],
    ["1.5", "1.5"],
    ["1.534944", 1.5349449],
    ["0.4076…", 0.40755],
    ["0.4076…", 0.40771],
    ["-0.4549…", -0.45485],
    ["-0.4549…", 0.4549],
    ["20", 20.001],
    ["0", 1e-300],
    ["-0", 0],
    ["NaN", undefined],
    ["NaN", 0],
    ["1.5", NaN],
    ["[1, 2]", [1, 2, 3]],
    ["[1, …]", []],
    ["[1]", 1],
    ["Float32Array [1]", [1]],
    ["{ a: 1 }", { a: 1, b: 2 }],
    ["{ a: 1 }", {}],
    ["throws ERR_SHAPE", coded("ERR_STATE")],
    ["throws ERR_SHAPE", 1],
    ["1.5", coded("ERR_STATE")],
  ])("%s does not hold for %o", (text, got) => {
    expect(parseExpected(text)(got)).toMatch(/got/);
  });

  test.each(["1.5.2", "[1, 2", "[1 2]", "{ 1 }", "3 rows", "[1, …, 2]"])(
    "%s is refused",
    (text) => {
      expect(statesValue(text)).toBe(true);
      expect(() => parseExpected(text)).toThrow(SyntaxError);
    },
  );

  test.each(["frees the memory", "the mean", "- a list", "Infinitely", "A sentence."])(
    "%s is prose",
    (text) => {
      expect(statesValue(text)).toBe(false);
    },
  );
});

const load = async (specifier: string) => ({ name: specifier, twice: (x: number) => 2 * x });

async function run(...lines: string[]) {
  const document = readDocument(lines.join("\n"));
  return [...(await runDocument(document, load))];
}

describe("a document", () => {
  test("runs its js blocks in order, each in the scope of those before", async () => {
    const outcomes = await run(
      "```js",
      'import { name, twice as double } from "logits/train";',
      "const x = 2; // prose",
      'name; // "logits/train"',
      "```",
      "```js",
      "double(x); // 4",
      "const y = double(",
      "  x + 1, // one more",
      "); // 6",
      "const z = 5;",
      "console.log(double(y), 1); // 1",
      "```",
      "```js",
      "const y = 1; // 2",
      "await Promise.resolve(y); // 1",
      "```",
    );
    expect(outcomes).toEqual([
      [4, AS_WRITTEN],
      [7, AS_WRITTEN],
      [10, AS_WRITTEN],
      [12, AS_WRITTEN],
      [15, "got 1"],
      [16, AS_WRITTEN],
    ]);
  });

  test("leaves other blocks and prose alone", async () => {
    expect(await run("x; // 1", "```ts", "x; // 1", "```", "```", "y; // 2", "```")).toEqual([]);
  });

  test("checks tables with the columns call and value", async () => {
    const outcomes = await run(
      "```js",
      "const x = [1, 2];",
      "```",
      "| who | value | call |",
      "| --- | ----: | ---- |",
      "| one | 2 | `x[1]` |",
      "| two | **3** | `x[1]` |",
      "| three | about 3 | none |",
      "",
      "| value | of |",
      "| --- | --- |",
      "| 1 | `x` |",
      "",
      "| from | call |",
      "| --- | --- |",
      "| 1 | `x` |",
    );
    expect(outcomes).toEqual([
      [6, AS_WRITTEN],
      [7, "got 2"],
    ]);
  });

  test("goes on after a check that throws, and says what was not reached after a statement", async () => {
    const outcomes = await run(
      "```js",
      'const fail = (code) => { throw Object.assign(new Error("no"), { code }); };',
      'fail("ERR_A"); // throws ERR_A',
      'fail("ERR_A"); // 1',
      'fail("ERR_B");',
      "1; // 1",
      "```",
    );
    expect(outcomes).toEqual([
      [3, AS_WRITTEN],
      [4, "got the error ERR_A: Error: no"],
      [6, "not reached: Error: no"],
    ]);
  });

  test("is refused where a value cannot be read or belongs to nothing", () => {
    expect(() => readDocument("```js\nx; // 3 rows\n```")).toThrow("3 rows");
    expect(() => readDocument("```js\nconst { a } = x; // 3\n```")).toThrow("line 2");
    expect(() => readDocument("```js\nf(\n```")).toThrow("line 3");
  });
});
