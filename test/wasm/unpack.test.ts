import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { unpack } from "../../src/wasm/unpack.ts";

describe("unpack", () => {
  it.each(["strict", "fma"] as const)("%s: the bytes of the build", (numerics) => {
    const built = readFileSync(new URL(`../../build/${numerics}.wasm`, import.meta.url));
    expect(Buffer.compare(Buffer.from(unpack(numerics)), built)).toBe(0);
  });

  it("text is safe in any quotes and in HTML", () => {
    const text = readFileSync(
      new URL("../../src/wasm/inline.generated.ts", import.meta.url),
      "utf8",
    );
    const strings = [...text.matchAll(/= "(.*)";/g)].map((match) => match[1]);
    expect(strings).toHaveLength(2);
    for (const each of strings) expect(/^[ !#%-;=-[\]-_a-~]+$/.test(each)).toBe(true);
  });
});
