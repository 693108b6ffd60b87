// @ts-check
import { percent } from "../../dist/report/index.js";

/**
 * The short table at the end of the run.
 *
 * @param {import("./results.mjs").Results} results
 * @param {number} seconds training time
 */
export function summaryTable(results, seconds) {
  const { accuracy, correct, count, epochs } = results;
  const rows = [
    ["accuracy", percent(accuracy), `${correct} of ${count} held-out digits`],
    ["mean loss", results.loss.toFixed(4), "cross entropy, nats"],
    ["Brier score", results.brier.toFixed(4), "0 best, 2 worst"],
    ["ECE", results.ece.toFixed(4), `calibration error, ${results.bins.length} bins`],
    [
      "training",
      `${seconds.toFixed(1)} s`,
      `${epochs} epochs, numerics ${results.engine.numerics}`,
    ],
  ];
  return rows
    .map(([name, value, note]) => `  ${name.padEnd(12)} ${value.padStart(8)}   ${note}`)
    .join("\n");
}
