// @ts-check
/**
 * logits/parallel in a runtime: as many threads as were asked for where there can be any, else the
 * reason; the bits of the synchronous engine; a worker that dies; the end of an engine.
 */
import { hashOf, leavesOf } from "./hash.mjs";

/** @typedef {{ name: string, error?: string }} Check */

const THREADS = [1, 2, 3, 4, 8];

/** Large enough to be shared; whole rows, few rows, one row. */
const SHAPES = [
  [300, 1000],
  [30000, 10],
  [2, 200000],
  [1, 300001],
];

/** @type {Record<string, (engine: any, x: any, targets: Int32Array) => any>} */
const CALLS = {
  softmax: (engine, x) => engine.softmax(x),
  logSoftmax: (engine, x) => engine.logSoftmax(x),
  logSumExp: (engine, x) => engine.logSumExp(x),
  crossEntropy: (engine, x, targets) => engine.crossEntropy(x, targets, { grad: true }),
  argmax: (engine, x) => engine.argmax(x),
  topK: (engine, x) => engine.topK(x, 5),
  score: (engine, x, targets) => engine.score(x, targets),
  sigmoid: (engine, x) => engine.sigmoid(x),
};

/**
 * @param {any} parallel logits/parallel
 * @param {any} logits the package
 * @param {{ reason?: RegExp | undefined, createWorker?: (() => any) | undefined }} given `reason` of
 *   an engine that is alone, where it has to be
 * @returns {Promise<Check[]>}
 */
export async function parallelChecks({ createParallelEngine }, logits, { reason, createWorker }) {
  /** @type {Check[]} */
  const checks = [];
  const check = (
    /** @type {string} */ name,
    /** @type {unknown} */ got,
    /** @type {unknown} */ want,
  ) =>
    checks.push(
      got === want
        ? { name: `parallel: ${name}` }
        : { name: `parallel: ${name}`, error: `got ${got}, expected ${want}` },
    );
  const sync = logits.createEngine({ numerics: "strict" });
  const inputs = SHAPES.map(([rows, classes]) => inputOf(rows, classes));
  const truths = inputs.map(({ x, targets }) => hashes(sync, x, targets));
  for (const threads of THREADS) {
    const engine = await createParallelEngine({ threads, numerics: "strict", createWorker });
    check(`threads of ${threads}`, engine.threads, reason ? 1 : threads);
    if (reason && threads > 1) {
      check(
        "says why it is alone",
        reason.test(engine.threadsReason) || engine.threadsReason,
        true,
      );
    }
    for (const [i, { x, targets }] of inputs.entries()) {
      const got = await hashes(engine, x, targets);
      check(`bits of ${SHAPES[i].join("×")} on ${threads}`, got, await truths[i]);
    }
    const tensor = engine.tensor(SHAPES[0]);
    tensor.data.set(inputs[0].x.data);
    const [one, other] = await Promise.all([engine.argmax(tensor), engine.argmax(tensor)]);
    check(`two calls at once on ${threads}`, hash(one), hash(other));
    await engine.dispose();
    const late = await engine.argmax([1]).catch((/** @type {any} */ error) => error.code);
    check(`a call after dispose on ${threads}`, late, "ERR_STATE");
  }
  for (const threads of [0, -1, 1.5, 1e9]) {
    const error = await createParallelEngine({ threads }).catch(
      (/** @type {any} */ thrown) => thrown,
    );
    check(`threads ${threads}`, error.code, "ERR_ARGUMENT_VALUE");
  }
  const signal = { aborted: true, addEventListener() {}, removeEventListener() {} };
  const engine = await createParallelEngine({ threads: 2, createWorker });
  const aborted = await engine
    .softmax(inputs[0].x, { signal })
    .catch((/** @type {any} */ error) => error.code);
  check("a call that is aborted", aborted, "ERR_ABORTED");
  await engine.dispose();
  return checks;
}

function inputOf(/** @type {number} */ rows, /** @type {number} */ classes) {
  const data = Float32Array.from(
    { length: rows * classes },
    (_, i) => ((i * 7919) % 1009) / 64 - 8,
  );
  const targets = Int32Array.from({ length: rows }, (_, i) => (i * 7919) % classes);
  return { x: { data, shape: [rows, classes] }, targets };
}

const hash = (/** @type {unknown} */ result) => hashOf(leavesOf(result));

async function hashes(
  /** @type {any} */ engine,
  /** @type {any} */ x,
  /** @type {Int32Array} */ targets,
) {
  const parts = [];
  for (const [name, call] of Object.entries(CALLS)) {
    parts.push(`${name} ${hash(await call(engine, x, targets))}`);
  }
  return parts.join(", ");
}
