// @ts-check
/**
 * A hash of the bits of a result: every number in it, whatever its nesting, in the order of the
 * names. All NaN are one value, since engines may choose the bits of a NaN; 0 and −0 are two.
 */

/** @typedef {{ readonly name: string, readonly values: ArrayLike<number> }} Leaf */

/**
 * The numbers of a result: `{ loss, grad: { data, shape } }` has the leaves loss, grad.data,
 * grad.shape. Tensors and array results are seen alike; strings are left out.
 *
 * @returns {Leaf[]}
 */
export function leavesOf(/** @type {any} */ value, name = "") {
  if (typeof value === "number") return [{ name, values: Float64Array.of(value) }];
  if (ArrayBuffer.isView(value)) return [{ name, values: /** @type {any} */ (value) }];
  if (Array.isArray(value) && value.every((part) => typeof part === "number")) {
    return [{ name, values: Float64Array.from(value) }];
  }
  if (typeof value !== "object" || value === null) return [];
  const names = "shape" in value ? ["data", "shape"] : Object.keys(value).sort();
  return names.flatMap((part) => leavesOf(value[part], name === "" ? part : `${name}.${part}`));
}

/** 64 bits in hexadecimal. */
export function hashOf(/** @type {readonly Leaf[]} */ leaves) {
  const hash = new Hash();
  for (const { name, values } of leaves) {
    hash.text(`${name}:${values.length};`);
    for (let i = 0; i < values.length; i++) hash.number(values[i]);
  }
  return hash.digest();
}

export function hashOfText(/** @type {string} */ text) {
  const hash = new Hash();
  hash.text(text);
  return hash.digest();
}

/** Two lanes of multiply and rotate, with MurmurHash3's constants and its final mixing. */
class Hash {
  #one = 0x9747b28c;
  #two = 0x2f0b4c47;
  #float = new Float64Array(1);
  #words = new Uint32Array(this.#float.buffer);

  /** Float32 values pass through float64, which keeps them apart. */
  number(/** @type {number} */ value) {
    this.#float[0] = Number.isNaN(value) ? 0 : value;
    this.#word(this.#words[0]);
    this.#word(Number.isNaN(value) ? 0x7ff80000 : this.#words[1]);
  }

  text(/** @type {string} */ text) {
    for (let i = 0; i < text.length; i++) this.#word(text.charCodeAt(i));
  }

  digest() {
    return [mixed(this.#one), mixed(this.#two)]
      .map((word) => word.toString(16).padStart(8, "0"))
      .join("");
  }

  #word(/** @type {number} */ word) {
    this.#one = (Math.imul(rotated(this.#one ^ word, 13), 0xcc9e2d51) + 0x7ed55d16) | 0;
    this.#two = (Math.imul(rotated(this.#two + word, 17), 0x1b873593) + 0x6b43a9b5) | 0;
  }
}

function rotated(/** @type {number} */ word, /** @type {number} */ by) {
  return (word << by) | (word >>> (32 - by));
}

function mixed(/** @type {number} */ word) {
  let x = word;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
