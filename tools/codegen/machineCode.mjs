// @ts-check
/**
 * Reads V8's --print-wasm-code.
 *
 * @typedef {object} Instruction
 * @property {number} at offset in the function
 * @property {string} text mnemonic and operands
 * @property {number | undefined} target offset that a jump goes to
 */

const HEADER = "--- WebAssembly code ---";
const INSTRUCTION = /^0x[0-9a-f]+\s+([0-9a-f]+)\s+[0-9a-f]+\s+(\S.*)$/gm;
const JUMP = /^j\w+ .*<\+0x([0-9a-f]+)>/;

/**
 * @param {string} output
 * @returns {Map<string, Instruction[]>} by name, without "assembly/"
 */
export function readFunctions(output) {
  const functions = new Map();
  for (const part of output.split(HEADER).slice(1)) {
    const name = /^name: (?:assembly\/)?(.*)$/m.exec(part)?.[1];
    const instructions = [...part.matchAll(INSTRUCTION)].map(([, at, text]) => {
      const target = JUMP.exec(text)?.[1];
      return { at: parseInt(at, 16), text, target: target && parseInt(target, 16) };
    });
    functions.set(name, instructions);
  }
  return functions;
}

/**
 * The loop in which `vector` occurs with the fewest instructions around it: unrolled main loops win
 * over tails, and a loop within a loop over the one around it.
 *
 * @param {readonly Instruction[]} instructions
 * @param {RegExp} vector
 */
export function hotLoopOf(instructions, vector) {
  let best;
  for (const [end, { at, target }] of instructions.entries()) {
    if (target === undefined || target > at) continue;
    const start = instructions.findIndex((each) => each.at === target);
    const body = instructions.slice(start, end + 1).map(({ text }) => text);
    const vectors = body.filter((text) => vector.test(text)).length;
    if (vectors === 0) continue;
    if (!best || body.length / vectors < best.body.length / best.vectors) best = { body, vectors };
  }
  return best;
}

/** The bytes of a module's code section. @param {Uint8Array} bytes */
export function codeSection(bytes) {
  const CODE = 10;
  for (let at = 8; at < bytes.length;) {
    const id = bytes[at++];
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      size |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    if (id === CODE) return bytes.subarray(at, at + size);
    at += size;
  }
  throw new Error("the module has no code");
}
