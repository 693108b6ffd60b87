// @ts-check
/**
 * Node, Deno and Bun: prints the suite's report as one line of JSON, then ends by itself although an
 * engine with workers is left alone. argv: the server's address.
 */
import process from "node:process";
import { suite } from "../conformance/suite.mjs";

const report = await suite({
  load: () => import("logits"),
  loadUrl: () => import("logits/url"),
  loadParallel: () => import("logits/parallel"),
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
const { createParallelEngine } = await import("logits/parallel");
const left = await createParallelEngine({ threads: 3 });
await left.argmax({ data: new Float32Array(2 ** 20), shape: [1024, 1024] });
await new Promise((resolve) => setTimeout(resolve, 50));
const before = process.cpuUsage();
await new Promise((resolve) => setTimeout(resolve, 500));
const { user, system } = process.cpuUsage(before);
const idle = (user + system) / 1000;
// One worker that spun would take 500 ms.
report.checks.push({
  name: "parallel: an idle engine uses no CPU",
  ...(idle < 250 ? {} : { error: `${idle} ms in 500 ms` }),
});
console.log(JSON.stringify(report));
