// @ts-check
/**
 * Prints the worked numbers.
 *
 *   node examples/worked/main.mjs
 */
import { createEngine } from "../../dist/index.js";
import { spamFilter, yesOrNo } from "./binary.mjs";
import { classifyImage } from "./classify.mjs";
import { lossAndGradient, threeWays } from "./crossEntropy.mjs";
import { failures } from "./naive.mjs";
import { softmaxOfFour } from "./softmax.mjs";

const engine = createEngine();

/** @param {number | Float32Array | number[]} value */
function show(value) {
  if (typeof value !== "number") return `[${Array.from(value, format).join(", ")}]`;
  return format(value);
}

/** Seven digits, as many as a float32 holds. @param {number} value */
const format = (value) => String(Number(value.toPrecision(7)));

const four = softmaxOfFour(engine);
console.log("Logits to probabilities");
console.log(`  softmax(${show(four.logits)}) = ${show(four.probabilities)}`);
console.log(`  their sum = ${show(four.sum)}`);

const image = classifyImage(engine);
console.log("\nProbabilities to an answer");
console.log(`  softmax(${show(image.logits)}) = ${show(image.probabilities)}`);
console.log(`  argmax → ${image.name}; cross entropy if it is a cat = ${show(image.loss)}`);

const { fromOneHot, fromIndices, manual } = threeWays(engine);
console.log("\nMean cross entropy of [[0.5, 1.5, 0.1], [2.2, 1.3, 1.7]], three ways");
console.log(`  one-hot [[0, 1, 0], [0, 0, 1]]   ${show(fromOneHot)}`);
console.log(`  class indices [1, 2]             ${show(fromIndices)}`);
console.log(`  −mean Σ y · ln softmax(z)        ${show(manual)}`);

const { loss, gradient } = lossAndGradient(engine);
console.log("\nLoss and gradient in one call");
console.log(`  loss = ${show(loss)}, gradient = ${show(gradient)}`);

const yes = yesOrNo(engine);
const mails = spamFilter(engine);
console.log("\nYes or no");
console.log(`  sigmoid(${yes.logit}) = ${show(yes.probability)}; loss if yes = ${show(yes.loss)}`);
mails.logits.forEach((logit, mail) => {
  const verdict = mails.spam[mail] ? "spam" : "fine";
  console.log(
    `  mail ${mail + 1}: logit ${logit}, p ${show(mails.probabilities[mail])} → ${verdict}`,
  );
});

console.log("\nThe formulas as articles print them, beside ours");
for (const { expression, naive, ours, why } of failures(engine)) {
  console.log(`  ${expression}\n    naive ${show(naive)}   ours ${show(ours)}   (${why})`);
}
