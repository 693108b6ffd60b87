// @ts-check
/** Plain lines come this often: about ten for the whole run. */
const PLAIN_LINES = 10;

/**
 * Shows how training goes: on a terminal one line, rewritten; elsewhere a line every few epochs.
 *
 * @param {NodeJS.WriteStream} stream
 * @param {number} epochs
 * @returns {(point: import("./train.mjs").Epoch) => void}
 */
export function createProgress(stream, epochs) {
  const every = Math.ceil(epochs / PLAIN_LINES);
  const digits = String(epochs).length;
  return ({ epoch, trainLoss, heldOutAccuracy }) => {
    const last = epoch === epochs;
    const line =
      `epoch ${String(epoch).padStart(digits)}/${epochs}` +
      `   loss ${trainLoss.toFixed(4)}` +
      `   held-out accuracy ${(100 * heldOutAccuracy).toFixed(1).padStart(5)} %`;
    // \r returns to the start of the line, \x1b[K clears what is left of the old one.
    if (stream.isTTY) stream.write(`\r${line}\x1b[K${last ? "\n" : ""}`);
    else if (epoch === 1 || epoch % every === 0 || last) stream.write(`${line}\n`);
  };
}
