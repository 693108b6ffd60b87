import { expect, it } from "vitest";
import { loadPeer } from "../../src/io/peer.ts";

it("a package that is not installed: an error that says how to get it", async () => {
  const missing = Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
  await expect(
    loadPeer("a.csv", ".csv", "csv-parse", () => Promise.reject(missing)),
  ).rejects.toMatchObject({
    code: "ERR_FILE",
    message:
      "a.csv: path: reading .csv must find the package csv-parse, got none; run: npm install csv-parse",
  });
});

it("what else goes wrong while loading is passed on", async () => {
  const broken = new Error("broken");
  await expect(loadPeer("a.csv", ".csv", "csv-parse", () => Promise.reject(broken))).rejects.toBe(
    broken,
  );
});
