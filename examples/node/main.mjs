// @ts-check
/**
 * Reads logits, a JSON array a line, and writes a JSON object a line: the class, its probability,
 * and the log-probabilities of the best three.
 *
 *   echo '[2.5, 0.3, -1.2]' | node examples/node/main.mjs
 *
 * A line that is no array of numbers ends the program with exit code 1 and one line on stderr.
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { createEngine } from "logits";

const engine = createEngine();
let line = 0;
for await (const text of createInterface({ input: process.stdin })) {
  line++;
  if (text.trim() === "") continue;
  try {
    console.log(JSON.stringify(classify(JSON.parse(text))));
  } catch (error) {
    console.error(`line ${line}: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
    break;
  }
}

/** @param {number[]} logits */
function classify(logits) {
  const probabilities = engine.softmax(logits).data;
  const { values, indices } = engine.topK(engine.logSoftmax(logits), Math.min(3, logits.length));
  const best = indices.data[0];
  const top = Array.from(indices.data, (index, i) => ({ class: index, logprob: values.data[i] }));
  return { class: best, probability: probabilities[best], top };
}
