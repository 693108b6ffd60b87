// @ts-check
/**
 * Errors of the operations on single elements: a fine grid over the range where float32 holds the
 * result, and a random label for each.
 */
import { createRandom } from "../harness/random.mjs";
import { binaryCrossEntropyWithLogits } from "../reference/binaryCrossEntropyWithLogits.mjs";
import { logSigmoid, sigmoid, softplus } from "../reference/sigmoid.mjs";

const POINTS = 2 ** 18;
const LIMIT = 88;
const random = createRandom(POINTS);
const LOGITS = Float32Array.from({ length: POINTS }, () => LIMIT * (2 * random() - 1));
const LABELS = Float32Array.from({ length: POINTS }, () => (random() < 0.5 ? 0 : 1));
const DATA = "uniform on [−88, 88]";

const place = (/** @type {number} */ index) => `x = ${LOGITS[index]}`;

/**
 * @param {"sigmoid" | "softplus" | "logSigmoid"} operation
 * @param {string} bound
 * @param {(x: number) => number} reference
 * @returns {import("./rows.mjs").Row}
 */
const elementwise = (operation, bound, reference) => ({
  operation,
  data: DATA,
  bound,
  unit: "ULP",
  measure: (engine, worst) =>
    worst.addUlps(
      engine[operation](LOGITS).data,
      Float64Array.from(LOGITS, (x) => reference(x)),
      place,
    ),
});

/** @type {import("./rows.mjs").Row[]} */
export const ELEMENT_OPERATIONS = [
  elementwise("sigmoid", "sigmoid", sigmoid),
  elementwise("softplus", "softplus", softplus),
  elementwise("logSigmoid", "softplus", logSigmoid),
  {
    operation: "binaryCrossEntropyWithLogits",
    data: DATA,
    bound: "binaryCrossEntropyWithLogits",
    unit: "ULP",
    measure(engine, worst) {
      const { loss } = engine.binaryCrossEntropyWithLogits(LOGITS, LABELS, { reduction: "none" });
      worst.addUlps(loss, binaryCrossEntropyWithLogits(LOGITS, LABELS).losses, place);
    },
  },
];
