/** Hosts that lock their intrinsics down, and pages that replace them. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createEngine } from "../src/index.ts";
import { OPERATIONS, LOGITS, inArrays, numbersIn } from "./support/operations.ts";
import { expectSameBits } from "./support/matchers.ts";

const BUILT = fileURLToPath(new URL("../dist/index.js", import.meta.url));

const SCRIPT = `
  import { createEngine, LogitsError } from ${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)};
  const engine = createEngine({ numerics: "strict" });
  const { loss, grad } = engine.crossEntropy([[1, 2, 3]], [0], { grad: true });
  const tensor = engine.tensor([2]);
  let code;
  try { engine.softmax([1], { axes: 0 }); } catch (error) { code = error instanceof LogitsError && error.code + error.name; }
  console.log(JSON.stringify([loss, [...grad.data], [...engine.softmax(tensor).data], code]));
`;

function run(...flags: string[]): string {
  const args = [...flags, "--no-warnings", "--input-type=module", "--eval", SCRIPT];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  return stdout || stderr;
}

describe("the built package runs under", () => {
  it.each([
    "--disable-proto=delete",
    "--disable-proto=throw",
    "--disallow-code-generation-from-strings",
  ])("node %s", (flag) => {
    expect(existsSync(BUILT), "npm run build comes first").toBe(true);
    const plain = run();
    expect(plain).toContain("ERR_ARGUMENT_TYPELogitsError");
    expect(run(flag)).toBe(plain);
  });

  // @assemblyscript/loader assigns Object.hasOwn when it is imported, which frozen intrinsics forbid.
  // With that line out of the way nothing else stands in it.
  it("node --frozen-intrinsics, but for one line of the loader", () => {
    const hooks = `export async function load(url, context, next) {
      const loaded = await next(url, context);
      if (!url.includes("@assemblyscript/loader")) return loaded;
      const source = String(loaded.source).replace("Object.hasOwn = Object.hasOwn ||", "void");
      return { ...loaded, source };
    }`;
    const url = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
    const register = `import { register } from "node:module"; register(${JSON.stringify(url(hooks))});`;
    expect(run("--frozen-intrinsics", "--import", url(register))).toBe(run());
  });
});

describe("a page that replaces", () => {
  const engine = createEngine();
  const results = () =>
    OPERATIONS.map(({ call }) => numbersIn(call(engine, inArrays(LOGITS), inArrays)));
  const expected = results();

  /** Replaces methods while `body` runs. */
  function replacing<T>(
    target: object,
    names: readonly string[],
    make: (method: Function) => unknown,
    body: () => T,
  ): T {
    const before = names.map((name) => Object.getOwnPropertyDescriptor(target, name));
    names.forEach((name, i) =>
      Object.defineProperty(target, name, {
        ...before[i],
        value: make(before[i]?.value as Function),
      }),
    );
    try {
      return body();
    } finally {
      names.forEach((name, i) =>
        Object.defineProperty(target, name, before[i] as PropertyDescriptor),
      );
    }
  }

  it("Math.exp and the other transcendental functions changes no result of a kernel", () => {
    const names = [
      "exp",
      "expm1",
      "log2",
      "log10",
      "pow",
      "tanh",
      "sinh",
      "cosh",
      "atanh",
      "random",
    ];
    const got = replacing(Math, names, () => () => 42, results);
    got.forEach((numbers, i) => expectSameBits(numbers, expected[i], OPERATIONS[i].title));
  });

  it("methods of arrays and typed arrays by ones that do the same changes nothing", () => {
    let calls = 0;
    const wrapped = (method: Function) =>
      function (this: unknown, ...given: unknown[]): unknown {
        calls++;
        return Reflect.apply(method, this, given);
      };
    const typed = Object.getPrototypeOf(Float32Array.prototype) as object;
    const arrays = [
      "push",
      "pop",
      "map",
      "filter",
      "includes",
      "every",
      "join",
      "splice",
      "slice",
      "reverse",
      "unshift",
    ];
    const got = replacing(typed, ["set", "subarray", "fill", "copyWithin"], wrapped, () =>
      replacing(Array.prototype, arrays, wrapped, results),
    );
    got.forEach((numbers, i) => expectSameBits(numbers, expected[i], OPERATIONS[i].title));
    expect(calls).toBeGreaterThan(0);
  });

  it("nothing, but adds enumerable methods to Array.prototype and Object.prototype", () => {
    try {
      for (const prototype of [Array.prototype, Object.prototype]) {
        Object.defineProperty(prototype, "added", {
          value: () => 1,
          enumerable: true,
          configurable: true,
        });
      }
      results().forEach((numbers, i) => expectSameBits(numbers, expected[i], OPERATIONS[i].title));
    } finally {
      Reflect.deleteProperty(Array.prototype, "added");
      Reflect.deleteProperty(Object.prototype, "added");
    }
  });
});
