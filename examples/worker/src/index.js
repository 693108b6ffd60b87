// @ts-check
/**
 * POST /classify  →  { rows: [{ class, softmax, logSoftmax, topK: { indices, values } }] }
 *
 *   application/json           { "logits": [2.5, 0.3, -1.2] } or rows of them; "k" is 3 if absent
 *   application/octet-stream   raw little-endian float32; ?classes=10&k=3
 *
 * A body that cannot be used is answered with 4xx and { error }.
 */
import { LogitsError, createEngine } from "logits";
import { RequestError, readRequest } from "./request.js";

const engine = createEngine();

export default {
  /** @param {Request} request */
  async fetch(request) {
    try {
      return Response.json(classify(await readRequest(request)));
    } catch (error) {
      if (error instanceof RequestError) {
        const { message, status, headers } = error;
        return Response.json({ error: message }, { status, headers });
      }
      if (error instanceof LogitsError && error.code !== "ERR_TRAP") {
        return Response.json({ error: error.message }, { status: 400 });
      }
      throw error;
    }
  },
};

/** @param {import("./request.js").Logits} input */
function classify({ data, shape, k }) {
  const [rows, classes] = shape;
  const probabilities = engine.softmax({ data, shape }).data;
  const logProbabilities = engine.logSoftmax({ data, shape });
  const { values, indices } = engine.topK(logProbabilities, k);
  const part = (/** @type {ArrayLike<number>} */ all, /** @type {number} */ row, size = classes) =>
    Array.from({ length: size }, (_, i) => all[row * size + i]);
  return {
    rows: Array.from({ length: rows }, (_, row) => {
      const topK = {
        indices: part(indices.data, row, k),
        values: part(values.data, row, k),
      };
      return {
        class: topK.indices[0] ?? null,
        softmax: part(probabilities, row),
        logSoftmax: part(logProbabilities.data, row),
        topK,
      };
    }),
  };
}
