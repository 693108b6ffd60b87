/**
 * What eval, merge and calibrate print and draw.
 */
import type { EvalResult } from "../jobs/evalTotals.js";
import { failFile } from "../io/failFile.js";
import { writeText } from "../jobs/jsonFile.js";
import type { EvalReport } from "../report/evalReport.js";
import { type Call, readNames } from "./command.js";
import type { OptionTable } from "./options.js";
import { failUsage } from "./usage.js";

export const REPORT_OPTIONS: OptionTable = {
  report: { value: "FILE.html", help: "write a report of diagrams and tables" },
  plot: { value: "FILE", help: "write the reliability diagram as .svg, or the report as .html" },
  classes: { value: "FILE", help: "names of the classes, one a line, for the report" },
};

/** Before any work: the name tells what is drawn. */
export function checkPlot({ options }: Call): void {
  const plot = options.text("plot");
  if (plot !== undefined && !/\.(svg|html)$/i.test(plot)) {
    failUsage(`--plot must end with .svg or .html, got ${JSON.stringify(plot)}`);
  }
}

/** Writes what --report and --plot ask for, but for what else a command plots. */
export async function writeReport(
  call: Call,
  result: EvalResult,
  more: Omit<EvalReport, "title" | "result" | "names"> = {},
): Promise<void> {
  const { options } = call;
  const [plot, report, path] = ["plot", "report", "classes"].map((name) => options.text(name));
  const names = path === undefined ? undefined : await readNames(path);
  const classes = result.classes ?? 0;
  if (names !== undefined && result.count > 0 && names.length !== classes) {
    failFile({
      file: path!,
      place: "contents",
      expected: `must have ${classes} names, one per class`,
      got: String(names.length),
      remedy: "write one name a line",
    });
  }
  for (const file of [report, plot !== undefined && /html$/i.test(plot) ? plot : undefined]) {
    if (file === undefined) continue;
    const { evalReport } = await import("../report/evalReport.js");
    await writeText(file, evalReport({ title: `logits ${call.name}`, result, names, ...more }));
  }
}

/** The report, and the reliability diagram as a plot. */
export async function drawEval(call: Call, result: EvalResult, before?: EvalResult): Promise<void> {
  await writeReport(call, result, { before });
  const plot = call.options.text("plot");
  if (plot === undefined || !/svg$/i.test(plot)) return;
  const { standalone } = await import("../report/page.js");
  const { reliabilityDiagram } = await import("../report/reliabilityDiagram.js");
  await writeText(plot, standalone(reliabilityDiagram(result.bins ?? [])));
}

export async function printEval(call: Call, result: EvalResult): Promise<void> {
  await drawEval(call, result);
  const { options, host } = call;
  host.out(options.flag("json") ? `${JSON.stringify(result)}\n` : table(result));
}

function table(result: EvalResult): string {
  const { count, rows, undefinedRows, loss, perplexity, accuracy, topKAccuracy } = result;
  const lines: [string, string][] = [["rows", count.toLocaleString("en-US")]];
  if (rows !== count) lines.push(["ignored", (rows - count).toLocaleString("en-US")]);
  if (undefinedRows > 0) lines.push(["undefined", undefinedRows.toLocaleString("en-US")]);
  lines.push(["loss", loss.toPrecision(7)], ["perplexity", perplexity.toPrecision(7)]);
  lines.push(["accuracy", percent(accuracy)]);
  for (const [k, share] of Object.entries(topKAccuracy)) {
    if (k !== "1") lines.push([`top-${k} accuracy`, percent(share)]);
  }
  const { brier, ece, mce, auroc } = result;
  if (brier !== undefined) lines.push(["Brier score", brier.toPrecision(5)]);
  if (ece !== undefined) lines.push(["ECE", ece.toPrecision(5)], ["MCE", mce!.toPrecision(5)]);
  if (auroc) lines.push(["AUROC, mean", auroc.mean.toPrecision(5)]);
  return aligned(lines);
}

export function aligned(lines: readonly (readonly [string, string])[]): string {
  const wide = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `${name.padEnd(wide)}  ${value}\n`).join("");
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(3)} %`;
}
