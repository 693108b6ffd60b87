/** Every result written in the documents is what the engine returns; see snippets.ts. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { AS_WRITTEN, readDocument, runDocument } from "./snippets.ts";

const ROOT = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");

/** Imports "logits" or "logits/train" from the sources that package.json's exports are built from. */
async function load(specifier: string): Promise<object> {
  const entry = JSON.parse(read("package.json")).exports[specifier.replace(/^logits/, ".")];
  if (entry === undefined) throw new Error(`package.json exports no ${specifier}`);
  const source = entry.default.replace("./dist/", "../../src/").replace(/\.js$/, ".ts");
  return import(/* @vite-ignore */ source);
}

const documents = ["semantics", "losses", "metrics", "training"].map((name) => `docs/${name}.md`);
documents.push("README.md");

describe.each(documents)("%s", (path) => {
  const document = readDocument(read(path));
  let outcomes = new Map<number, string>();

  beforeAll(async () => {
    outcomes = await runDocument(document, load);
  });

  test("states results", () => {
    expect(document.checks.length).toBeGreaterThan(0);
  });

  for (const { line, source, expected } of document.checks) {
    test(`line ${line}: ${source} // ${expected}`, () => {
      expect(outcomes.get(line)).toBe(AS_WRITTEN);
    });
  }
});
