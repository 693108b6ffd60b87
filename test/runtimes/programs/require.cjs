// @ts-check
/** CommonJS: the package is an ES module without top-level await, so require() takes it. */
const { createEngine, LogitsError } = require("logits");

const isTyped = (() => {
  try {
    createEngine().softmax([1, 2], { axis: 5 });
    return false;
  } catch (error) {
    return error instanceof LogitsError;
  }
})();
console.log(JSON.stringify({ best: createEngine().argmax([1, 3, 2]).data[0], isTyped }));
