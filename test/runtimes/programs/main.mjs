// @ts-check
/** Node, Deno and Bun: prints the suite's report as one line of JSON. argv: the server's address. */
import process from "node:process";
import { suite } from "../conformance/suite.mjs";

const report = await suite({
  load: () => import("logits"),
  loadUrl: () => import("logits/url"),
  base: process.argv[2],
});
const { exports } = (await import("logits/package.json", { with: { type: "json" } })).default;
for (const entry of Object.keys(exports)) {
  // The text of a worker: it listens, and so keeps the importing process alive.
  if (entry === "./parallel/worker") continue;
  if (/\.(json|wasm)$/.test(entry)) continue;
  const name = `import "logits${entry.slice(1)}"`;
  const check = { name };
  await import(`logits${entry.slice(1)}`).catch((error) =>
    Object.assign(check, { error: String(error) }),
  );
  report.checks.push(check);
}
console.log(JSON.stringify(report));
