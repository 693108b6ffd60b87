// @ts-check
import { cpus } from "node:os";
import process from "node:process";
import { createEngine } from "../../dist/index.js";

/** The first line of every run: what the numbers below it depend on. */
export function environmentLine() {
  const { model } = cpus()[0] ?? { model: "unknown processor" };
  return [
    `Node ${process.versions.node} (V8 ${process.versions.v8.split("-")[0]})`,
    `${model.trim()}, ${process.platform} ${process.arch}`,
    "one thread",
    `numerics ${availableBuilds().join(" and ")}`,
  ].join(" · ");
}

/**
 * The numeric builds that run here, the faster first.
 *
 * @returns {import("./workload.ts").Build[]}
 */
export function availableBuilds() {
  const best = createEngine().numerics;
  return best === "fma" ? ["fma", "strict"] : ["strict"];
}
