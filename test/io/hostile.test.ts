import { describe, expect, test } from "vitest";
import { LogitsError } from "../../src/index.ts";
import { blocksOf, fixture, temporaryFolder } from "./folder.ts";
import { HOSTILE_FILES } from "./hostileFiles.mjs";

const folder = temporaryFolder();

async function errorOf(file: string, options?: object): Promise<LogitsError> {
  try {
    await blocksOf(file, options);
  } catch (error) {
    expect(error).toBeInstanceOf(LogitsError);
    return error as LogitsError;
  }
  return expect.unreachable("it was read");
}

describe("a file that lies ends in ERR_FILE, one line with file, place and remedy", () => {
  test.each(HOSTILE_FILES.map((one) => [...one] as const))("%s", async (...hostile) => {
    const [name, bytes, says, options] = hostile as (typeof HOSTILE_FILES)[number];
    const file = folder.put(name, bytes());
    const error = await errorOf(file, { blockRows: 65_536, ...options });
    expect(error.code).toBe("ERR_FILE");
    expect(error.message).toMatch(says);
    expect(error.message.startsWith(`${file}: `)).toBe(true);
    expect(error.message).toMatch(/^[^\n]*: [^\n]*, got [^\n]+; [^\n]+$/);
  });

  test.each(["objects.npy", "fields.npy"])("%s of NumPy", async (name) => {
    expect((await errorOf(fixture(name))).message).toMatch(/descr must be/);
  });
});

test("Object.prototype is as it was", () => {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>)["a"]).toBeUndefined();
});
