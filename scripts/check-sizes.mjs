// @ts-check
/**
 * npm run check:sizes [-- --record]
 *
 * What a download costs: each wasm build, and the default entry bundled, minified and gzipped with
 * both builds inside. Exits 1 where a limit is exceeded. tools/sizes.json keeps the sizes of the
 * last --record, so that a change shows what it adds.
 */
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import esbuild from "esbuild";

const TABLE = "tools/sizes.json";
const KB = 1024;
const LIMITS = {
  "strict.wasm": 64 * KB,
  "fma.wasm": 64 * KB,
  "default entry, minified and gzipped": 60 * KB,
};

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const sizes = {
  "strict.wasm": readFileSync("dist/wasm/strict.wasm").length,
  "fma.wasm": readFileSync("dist/wasm/fma.wasm").length,
  "default entry, minified and gzipped": gzipSync(await bundle("dist/index.js"), { level: 9 })
    .length,
};

/** @type {Record<string, number>} */
const recorded = JSON.parse(readFileSync(TABLE, "utf8"));
let failed = false;
for (const [name, size] of Object.entries(sizes)) {
  const limit = LIMITS[/** @type {keyof typeof LIMITS} */ (name)];
  const change = size - (recorded[name] ?? 0);
  const verdict = size <= limit ? "" : "   over the limit";
  if (size > limit) failed = true;
  console.log(
    `${name.padEnd(36)} ${String(size).padStart(6)} bytes of ${limit} ` +
      `(${change >= 0 ? "+" : "−"}${Math.abs(change)} since the record)${verdict}`,
  );
}
if (process.argv.includes("--record")) {
  writeFileSync(TABLE, `${JSON.stringify(sizes, null, 2)}\n`);
}
process.exit(failed ? 1 : 0);

/** The entry and all it imports as one minified module. @param {string} entry */
async function bundle(entry) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    mainFields: ["module", "main"],
    write: false,
    logLevel: "warning",
  });
  return outputFiles[0].contents;
}
