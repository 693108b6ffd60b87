/**
 * The entry logits/url: its options, and how often it fetches. What it says of broken files is in
 * test/runtimes/conformance/fromUrl.mjs, which runs in every runtime.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createEngine as createInline } from "../src/index.ts";
import { createEngine } from "../src/url.ts";

const strict = readFileSync(new URL("../build/strict.wasm", import.meta.url));
const requests: string[] = [];
const server = createServer(({ url = "" }, response) => {
  requests.push(url);
  const isReady = !url.includes("late") || requests.filter((one) => one === url).length > 1;
  response.writeHead(isReady ? 200 : 404, { "Content-Type": "application/wasm" }).end(strict);
});
let origin = "";

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  requests.length = 0;
});

const from = (name: string) => ({ numerics: "strict", urls: { strict: origin + name } }) as const;

describe("values", () => {
  test("the same bits as the inline build", async () => {
    const engine = await createEngine(from("/a.wasm"));
    const inline = createInline({ numerics: "strict" });
    expect(engine.numerics).toBe("strict");
    expect(engine.softmax([1, 2, 3])).toEqual(inline.softmax([1, 2, 3]));
  });

  test("a URL object, and a data URL", async () => {
    const data = `data:application/wasm;base64,${strict.toString("base64")}`;
    for (const url of [new URL(`${origin}/b.wasm`), data]) {
      const engine = await createEngine({ numerics: "strict", urls: { strict: url } });
      expect(engine.argmax([1, 3, 2]).data[0]).toBe(1);
    }
  });
});

describe("fetching", () => {
  test("once for many engines, also at the same time", async () => {
    const engines = await Promise.all([1, 2, 3].map(() => createEngine(from("/c.wasm"))));
    engines.push(await createEngine(from("/c.wasm")));
    expect(new Set(engines).size).toBe(4);
    expect(requests).toEqual(["/c.wasm"]);
  });

  test("again after a failure", async () => {
    await expect(createEngine(from("/late.wasm"))).rejects.toMatchObject({
      code: "ERR_FILE",
      argument: "urls.strict",
      message: expect.stringContaining(`got HTTP status 404 from ${origin}/late.wasm`),
    });
    await expect(createEngine(from("/late.wasm"))).resolves.toBeDefined();
    expect(requests).toEqual(["/late.wasm", "/late.wasm"]);
  });

  test("not at all with a module of one's own, or with wrong options", async () => {
    const module = new WebAssembly.Module(strict);
    await createEngine({ module, urls: { strict: `${origin}/d.wasm` } });
    const wrong = { ...from("/d.wasm"), numerics: "exact" as "strict" };
    await expect(createEngine(wrong)).rejects.toMatchObject({ code: "ERR_ARGUMENT_VALUE" });
    expect(requests).toEqual([]);
  });
});

describe("errors", () => {
  test.each([
    [{ url: "/x" }, "ERR_ARGUMENT_TYPE", "did you mean urls?"],
    [{ urls: { strickt: "/x" } }, "ERR_ARGUMENT_TYPE", "did you mean strict?"],
    [{ urls: { strict: "/no/page/to/start/from" } }, "ERR_ARGUMENT_VALUE", "must be a URL"],
    [{ urls: { strict: 5 } }, "ERR_ARGUMENT_VALUE", "must be a URL"],
  ])("%j is %s", async (options, code, words) => {
    const given = { numerics: "strict", ...options } as object;
    await expect(createEngine(given)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words),
    });
  });
});

describe("a module of one's own", () => {
  const stamp = strict.lastIndexOf("logits") + "logits".length;

  test("of another version is refused", () => {
    const older = Buffer.from(strict);
    older.write("0.0.1", stamp);
    const module = new WebAssembly.Module(older);
    expect(() => createInline({ module })).toThrowError(
      /^createEngine: module must be a wasm file of logits \S+, got one of logits 0\.0\.1; use/,
    );
  });

  test("without a version is refused", () => {
    const section = stamp - "logits".length - 3;
    const module = new WebAssembly.Module(strict.subarray(0, section));
    expect(() => createInline({ module })).toThrowError(/got another wasm file; use/);
  });
});
