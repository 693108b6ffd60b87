// @ts-check
/**
 * The bytes of a .npy file, version 1.0: magic, header, data in C order. The header is padded with
 * spaces so that the data starts at a multiple of 64.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 *
 * @param {Float32Array | Int32Array} data
 * @param {number[]} shape
 */
export function encodeNpy(data, shape) {
  const length = shape.reduce((product, size) => product * size, 1);
  if (length !== data.length) {
    throw new RangeError(
      `encodeNpy: data.length must be ${shape.join(" × ")} = ${length}, got ${data.length}`,
    );
  }
  const preamble = 10; // magic, version, header length
  const type = `${BYTE_ORDER}${data instanceof Float32Array ? "f4" : "i4"}`;
  const tuple = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  const fields = `{'descr': '${type}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const padded = Math.ceil((preamble + fields.length + 1) / 64) * 64 - preamble;
  const header = `${fields.padEnd(padded - 1)}\n`;

  const bytes = new Uint8Array(preamble + padded + data.byteLength);
  bytes.set([0x93, ...ascii("NUMPY"), 1, 0, padded & 0xff, padded >> 8, ...ascii(header)]);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), preamble + padded);
  return bytes;
}

/** Typed arrays keep the machine's byte order. */
const BYTE_ORDER = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? "<" : ">";

/** @param {string} text */
const ascii = (text) => new TextEncoder().encode(text);
