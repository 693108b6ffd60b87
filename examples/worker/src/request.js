// @ts-check
/** From a request to logits, or to the status that says what is wrong with it. */

/** @typedef {{ data: Float32Array, shape: [rows: number, classes: number], k: number }} Logits */

const MOST_BYTES = 4 * 2 ** 20;

export class RequestError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   * @param {Record<string, string>} [headers]
   */
  constructor(status, message, headers = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/**
 * @param {Request} request
 * @returns {Promise<Logits>}
 */
export async function readRequest(request) {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname !== "/classify") throw new RequestError(404, "the only path is /classify");
  if (request.method !== "POST") {
    throw new RequestError(405, "use POST", { Allow: "POST" });
  }
  const type = request.headers.get("content-type")?.split(";")[0].trim().toLowerCase();
  if (type !== "application/json" && type !== "application/octet-stream") {
    const message = "content-type must be application/json or application/octet-stream";
    throw new RequestError(415, message);
  }
  const bytes = await readBody(request);
  return type === "application/json" ? fromJson(bytes) : fromFloats(bytes, searchParams);
}

/** Reads no more than is allowed, whatever Content-Length says. */
async function readBody(/** @type {Request} */ request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new RequestError(413, `at most ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function fromJson(/** @type {Uint8Array} */ bytes) {
  let body;
  try {
    body = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new RequestError(400, `the body is no JSON: ${/** @type {Error} */ (error).message}`);
  }
  const logits = body?.logits;
  const rows = Array.isArray(logits?.[0]) ? logits : [logits];
  const classes = rows[0]?.length;
  for (const row of rows) {
    const isRow =
      Array.isArray(row) && row.every((/** @type {unknown} */ x) => typeof x === "number");
    if (!isRow || row.length !== classes) {
      const message = "logits must be an array of numbers, or of such arrays of one length";
      throw new RequestError(400, message);
    }
  }
  return checked(Float32Array.from(rows.flat()), classes, body.k);
}

function fromFloats(/** @type {Uint8Array} */ bytes, /** @type {URLSearchParams} */ searchParams) {
  if (bytes.length % 4 !== 0) {
    throw new RequestError(400, `float32 take 4 bytes each, got ${bytes.length} bytes`);
  }
  const data = new Float32Array(bytes.buffer);
  const [classes, k] = ["classes", "k"].map((name) => {
    const text = searchParams.get(name);
    return text === null ? undefined : Number(text);
  });
  return checked(data, classes ?? data.length, k);
}

/** @returns {Logits} */
function checked(
  /** @type {Float32Array} */ data,
  /** @type {number} */ classes,
  /** @type {unknown} */ given,
) {
  if (data.length === 0) throw new RequestError(400, "there are no logits");
  if (!Number.isInteger(classes) || classes < 1 || data.length % classes !== 0) {
    const message = `${data.length} logits do not fill rows of ${classes} classes`;
    throw new RequestError(400, message);
  }
  const k = given ?? Math.min(3, classes);
  if (typeof k !== "number" || !Number.isInteger(k) || k < 0 || k > classes) {
    throw new RequestError(400, `k must be an integer in [0, ${classes}], got ${String(k)}`);
  }
  return { data, shape: [data.length / classes, classes], k };
}
