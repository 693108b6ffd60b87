/** What a user of the package compiles, against its own declarations and nothing but the DOM's. */
import { LogitsError, createEngine } from "logits";
import type { Engine, LossResult } from "logits";
import { createEngine as createFromUrl } from "logits/url";
import type { UrlEngineOptions } from "logits/url";

const engine: Engine = createEngine({ numerics: "strict" });
const options: UrlEngineOptions = { urls: { strict: new URL("https://example.com/strict.wasm") } };
const promised: Promise<Engine> = createFromUrl(options);

const result: LossResult = engine.crossEntropy([[1, 2]], [0]);
const { grad } = engine.crossEntropy([[1, 2]], [0], { grad: true });
const data: Float32Array = grad.data;
// @ts-expect-error: an option that does not exist
engine.softmax([1], { temprature: 2 });

export { LogitsError, data, promised, result };
