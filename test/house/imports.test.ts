/**
 * The house keeps its shape: CONTRIBUTING.md draws its floors. Each rule is run over the tree as it is, and
 * over an offender it must catch, so that none passes because it sees nothing.
 */
import { describe, expect, test } from "vitest";
import {
  ASSEMBLY_FLOORS,
  LOADER,
  SRC_FLOORS,
  assemblyStandsAlone,
  errorsAreBuiltInCheck,
  frontDoorReexportsOnly,
  importsPointDown,
  memoryGrowsInTheArena,
  noOtherErrors,
  scratchIsTheInstances,
  packagesInTheirRooms,
  shorterThan,
} from "./rules.ts";
import type { Rule } from "./rules.ts";
import { bare, importsOf, readTree } from "./source.ts";
import type { SourceFile } from "./source.ts";

const src = readTree("src");
const assembly = readTree("assembly");
const kernels = readTree("assembly/kernels");

describe("the tree", () => {
  test("is found, with the files the rules are about", () => {
    const paths = [...src, ...assembly].map((file) => file.path);
    expect(paths).toEqual(expect.arrayContaining(["src/types.ts", "src/errors.ts"]));
    expect(paths).toEqual(expect.arrayContaining(["assembly/index.ts", "src/index.ts"]));
    expect(kernels.length).toBeGreaterThan(0);
    expect(paths.filter((path) => path.endsWith(".generated.ts"))).toEqual([]);
  });

  test("src/wasm/instantiate.ts imports the loader", () => {
    const importers = src.filter((file) =>
      importsOf(file.text).some(({ specifier }) => specifier === LOADER),
    );
    expect(importers.map((file) => file.path)).toEqual(["src/wasm/instantiate.ts"]);
  });

  test("src/memory/arena.ts grows memory", () => {
    const arena = src.filter((file) => file.path === "src/memory/arena.ts");
    const elsewhere = arena.map((file) => ({ ...file, path: "src/memory/other.ts" }));
    expect(memoryGrowsInTheArena(elsewhere)).not.toEqual([]);
  });
});

/** What a rule is asked, where it must be content, and offenders of which it must name the line. */
interface Case {
  readonly title: string;
  readonly rule: Rule;
  readonly files: readonly SourceFile[];
  readonly offenders: readonly (readonly [path: string, text: string, complaint: string])[];
  readonly innocents?: readonly (readonly [path: string, text: string])[];
}

const cases: Case[] = [
  {
    title: "imports in src point down",
    rule: importsPointDown(SRC_FLOORS),
    files: src,
    offenders: [
      ["src/ops/softmax.ts", `import { e } from "../engine.ts";`, ":1 imports src/engine.ts"],
      [
        "src/memory/arena.ts",
        `\nexport * from "../ops/softmax.js";`,
        ":2 imports src/ops/softmax.ts",
      ],
      ["src/check.ts", `type A = import("./wasm/exports.ts").A;`, ":1 imports src/wasm/exports.ts"],
      ["src/wasm/a.ts", `await import("../memory/arena.ts");`, ":1 imports src/memory/arena.ts"],
      [
        "src/engine.ts",
        `import type { P } from "./parallel/p.ts";`,
        ":1 imports src/parallel/p.ts",
      ],
      ["src/ops/a.ts", `import {\n  b,\n} from "../train/b.ts";`, ":3 imports src/train/b.ts"],
      ["src/ops/a.ts", `import "../index.ts";`, ":1 imports src/index.ts"],
      ["src/cli/a.ts", `import "../index.ts";`, ":1 imports src/index.ts"],
      ["src/index.ts", `export * from "./train/a.ts";`, ":1 imports src/train/a.ts"],
      ["src/index.ts", `export * from "./url.ts";`, ":1 imports src/url.ts"],
      ["src/url.ts", `export * from "./workerd.ts";`, ":1 imports src/workerd.ts"],
      ["src/train/a.ts", `import "../workerd.ts";`, ":1 imports src/workerd.ts"],
      ["src/ops/a.ts", `import x from "../../assembly/index.ts";`, ":1 imports assembly/index.ts"],
      ["src/ops/a.ts", `import x from "../helpers.ts";`, ":1 imports src/helpers.ts"],
      ["src/util/a.ts", "", " is in no room"],
      ["src/checks.ts", "", " is in no room"],
    ],
    innocents: [
      ["src/check.ts", `import { LogitsError } from "./errors.ts";`],
      ["src/ops/softmax.ts", `import { a } from "./plan.ts"; import { b } from "../check.js";`],
      ["src/engine/a.ts", `import "../engine.ts"; // import "../index.ts"`],
      ["src/index.ts", `export { createEngine } from "./engine.ts";`],
      ["src/workerd.ts", `export type * from "./index.ts"; import m from "./wasm/strict.wasm";`],
      [
        "src/train/adam.ts",
        `/* import "../cli/a.ts" */ import type { Engine } from "../engine.ts";`,
      ],
      ["src/ops/a.ts", `const text = 'import "../engine.ts"';`],
    ],
  },
  {
    title: "imports in assembly point down",
    rule: importsPointDown(ASSEMBLY_FLOORS),
    files: assembly,
    offenders: [
      [
        "assembly/math/exp.ts",
        `import { a } from "../kernels/a";`,
        ":1 imports assembly/kernels/a.ts",
      ],
      ["assembly/kernels/a.ts", `import { b } from "../index";`, ":1 imports assembly/index.ts"],
      ["assembly/tools/a.ts", "", " is in no room"],
    ],
    innocents: [
      ["assembly/math/exp.ts", `import { madd } from "../simd/lanes";`],
      ["assembly/kernels/a.ts", `import { b } from "./b"; import { c } from "../math/c";`],
    ],
  },
  {
    title: "assembly imports nothing from outside",
    rule: assemblyStandsAlone,
    files: assembly,
    offenders: [
      [
        "assembly/kernels/a.ts",
        `import { b } from "../../src/types";`,
        ":1 imports ../../src/types",
      ],
      ["assembly/index.ts", `import { JSON } from "json-as";`, ":1 imports json-as"],
    ],
  },
  {
    title: "the loader, node:* and packages are imported in their rooms only",
    rule: packagesInTheirRooms,
    files: src,
    offenders: [
      ["src/engine.ts", `import { instantiateSync } from "${LOADER}";`, `:1 imports ${LOADER}`],
      ["src/cli/main.ts", `import { instantiateSync } from "${LOADER}";`, `:1 imports ${LOADER}`],
      ["src/train/a.ts", `import fs from "node:fs";`, ":1 imports node:fs"],
      ["src/ops/a.ts", `const fs = await import('fs');`, ":1 imports fs"],
      ["src/evaluate/a.ts", `import { createEngine } from "logits";`, ":1 imports logits"],
    ],
    innocents: [
      ["src/wasm/instantiate.ts", `import { instantiateSync } from "${LOADER}";`],
      ["src/io/npy.ts", `import { open } from "node:fs/promises";`],
      ["src/engine.ts", `/**\n * import { createEngine } from "logits";\n */`],
    ],
  },
  {
    title: "src/index.ts re-exports only",
    rule: frontDoorReexportsOnly,
    files: src,
    offenders: [
      ["src/index.ts", `export { a } from "./engine.ts";\nexport const b = 1;`, ":2 is not"],
      ["src/index.ts", `import { a } from "./engine.ts";\nexport { a };`, ":1 is not"],
    ],
    innocents: [
      [
        "src/index.ts",
        `/** Door. */\nexport {\n  a,\n  type B,\n} from "./engine.ts";\nexport type { C } from "./types.ts";\nexport * from './errors.ts'`,
      ],
    ],
  },
  {
    title: "files under src stay under 250 lines",
    rule: shorterThan(250),
    files: src,
    offenders: [["src/ops/a.ts", "a;\n".repeat(250), " has 250 lines"]],
    innocents: [["src/ops/a.ts", "a;\n".repeat(249)]],
  },
  {
    title: "kernels stay under 200 lines",
    rule: shorterThan(200),
    files: kernels,
    offenders: [["assembly/kernels/a.ts", "a;\n".repeat(200), " has 200 lines"]],
    innocents: [["assembly/kernels/a.ts", "a;\n".repeat(199)]],
  },
  {
    title: "memory grows in src/memory/arena.ts only",
    rule: memoryGrowsInTheArena,
    files: [...src, ...assembly],
    offenders: [
      ["src/engine.ts", `/* grow */\nmemory.grow(1);`, ":2 grows memory"],
      ["assembly/kernels/a.ts", "memory.grow(1);", ":1 grows memory"],
    ],
    innocents: [
      ["src/memory/arena.ts", "memory.grow(1);"],
      ["src/engine.ts", "throw failed(`memory.grow(${n}) failed`); // memory.grow(1)"],
    ],
  },
  {
    title: "static scratch is reserved in assembly/simd/scratch.ts only",
    rule: scratchIsTheInstances,
    files: assembly,
    offenders: [
      ["assembly/kernels/a.ts", "const SUMS = memory.data(4096, 16);", ":1 reserves"],
      ["assembly/simd/a.ts", "\nconst SUMS = memory.data(LENGTH);", ":2 reserves"],
    ],
    innocents: [
      ["assembly/simd/scratch.ts", "const OWN = memory.data(8192, 16);"],
      ["assembly/math/a.ts", "const TABLE = memory.data<f32>([1, 2], 16);"],
    ],
  },
  {
    title: "errors are built in src/check.ts only",
    rule: errorsAreBuiltInCheck,
    files: src,
    offenders: [
      ["src/ops/a.ts", `const t = /["']/;\nthrow new LogitsError("ERR_SHAPE", "");`, ":2 builds"],
    ],
    innocents: [
      ["src/check.ts", `throw new LogitsError("ERR_SHAPE", "");`],
      ["src/ops/a.ts", `if (e instanceof LogitsError) throw e;`],
    ],
  },
  {
    title: "no error of another class is built",
    rule: noOtherErrors,
    files: src,
    offenders: [
      ["src/ops/a.ts", `throw new Error("unreachable");`, ":1 builds another error"],
      ["src/check.ts", `return new TypeError("");`, ":1 builds another error"],
    ],
    innocents: [
      ["src/check.ts", `throw new LogitsError("ERR_SHAPE", "new Error()");`],
      ["src/memory/arena.ts", `throw new RangeError("the limit");`],
    ],
  },
];

describe.each(cases)("$title", ({ rule, files, offenders, innocents = [] }) => {
  test("in this tree", () => {
    expect(rule(files)).toEqual([]);
  });

  test.each(offenders)("and not in %s: %j", (path, text, complaint) => {
    expect(rule([{ path, text }]).join("\n")).toContain(path + complaint);
  });

  test.each(innocents)("which leaves alone %s: %j", (path, text) => {
    expect(rule([{ path, text }])).toEqual([]);
  });
});

describe("reading a source file", () => {
  test("keeps length and lines while it blanks comments and strings", () => {
    const text = `const a = "x // y"; // "z\nconst b = /[/"]/; /* '\n */ const c = \`\${1}\n\`;`;
    const code = bare(text);
    expect(code).toHaveLength(text.length);
    expect(code.split("\n")).toHaveLength(text.split("\n").length);
    expect(code).not.toMatch(/[xyz]/);
    expect(code).toMatch(/const a = " +"; +\nconst b = \/ +\/; +\n +const c = ` +\n`;/);
  });

  test("does not take a division for a regular expression", () => {
    const text = `const half = (a + b) / 2; const rest = "quote" + c / d;`;
    expect(bare(text)).toBe(text.replace("quote", "     "));
  });
});
