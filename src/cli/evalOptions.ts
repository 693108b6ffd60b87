/**
 * What eval, calibrate and score are told about targets and metrics.
 */
import { openRows } from "../io/openRows.js";
import type { EvalSettings } from "../jobs/evalTotals.js";
import type { Call } from "./command.js";
import type { OptionTable } from "./options.js";
import { readNumber, readNumbers } from "./usage.js";

export const TARGET_OPTIONS: OptionTable = {
  "ignore-index": { value: "N,…", help: "targets to leave out (default -100), or none" },
  "targets-format": { value: "FORMAT", help: "as --format, for the targets" },
  "targets-name": { value: "NAME", help: "as --name, for the targets" },
  "targets-columns": { value: "A", help: "as --columns, for the targets" },
};

export const METRIC_OPTIONS: OptionTable = {
  "top-k": { value: "K,…", help: "accuracies among the k greatest (default 1,5)" },
  bins: { value: "N", help: "bins of the calibration error (default 15)" },
  hardest: { value: "N", help: "rows of the greatest loss to list (default 10)" },
  auroc: { help: "area under the ROC curve of each class, at most 1024" },
};

export function ignoreIndexOf({ options }: Call): number[] {
  const given = options.text("ignore-index") ?? "-100";
  return given === "none" ? [] : readNumbers("ignore-index", given);
}

export async function readSettings(call: Call): Promise<EvalSettings> {
  const { options } = call;
  const path = options.text("weights");
  const number = (name: string, text: string, min?: number, integer?: boolean): number =>
    readNumber(name, options.text(name) ?? text, min, integer);
  return {
    topK: readNumbers("top-k", options.text("top-k") ?? "1,5", 1),
    ignoreIndex: ignoreIndexOf(call),
    temperature: number("temperature", "1"),
    labelSmoothing: number("label-smoothing", "0", 0),
    weight: path === undefined ? null : await readWeights(path),
    bins: number("bins", "15", 1, true),
    hardest: number("hardest", "10", 0, true),
    auroc: options.flag("auroc"),
  };
}

async function readWeights(path: string): Promise<number[]> {
  const values: number[] = [];
  for await (const { data } of openRows(path)) for (const value of data) values.push(Number(value));
  return values;
}
