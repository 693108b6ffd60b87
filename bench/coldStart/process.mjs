// @ts-check
/** Run by ../coldStart.bench.mjs: prints the milliseconds of each step as JSON. */
import process from "node:process";

const logits = { data: Float32Array.from({ length: 64000 }, Math.sin), shape: [64, 1000] };
const times = [performance.now()];
const { createEngine } = await import("../../dist/index.js");
times.push(performance.now());
const engine = createEngine({ numerics: process.argv[2] === "fma" ? "fma" : "strict" });
times.push(performance.now());
engine.softmax(logits);
times.push(performance.now());
engine.softmax(logits);
times.push(performance.now());
console.log(JSON.stringify(times.slice(1).map((time, at) => time - times[at])));
