/**
 * The report of an evaluation or calibration: tiles of numbers, diagrams, tables.
 */
import type { EvaluatorResult } from "../evaluate/evaluator.js";
import { confidenceHistogram } from "./confidenceHistogram.js";
import { confusionMatrix } from "./confusionMatrix.js";
import { card, key, page, table, tile, tiles } from "./page.js";
import { FEW, reliabilityDiagram } from "./reliabilityDiagram.js";
import { escape, percent } from "./svg.js";

/** Metrics of an Evaluator, all or some of them. */
export interface ReportedMetrics extends Partial<Omit<EvaluatorResult, "topKAccuracy">> {
  readonly count: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly topKAccuracy?: Readonly<Record<string, number>>;
}

export interface EvalReport {
  readonly title: string;
  /** A sentence under the title. */
  readonly text?: string | undefined;
  readonly result: ReportedMetrics;
  /** The same rows before calibration. */
  readonly before?: ReportedMetrics | undefined;
  /** Names of the classes. */
  readonly names?: readonly string[] | undefined;
  /** More cards, as HTML, before the others. */
  readonly cards?: readonly string[] | undefined;
}

/** A matrix of more classes could not be read. */
const MOST_DRAWN = 100;

export function evalReport({ title, text, result, before, names, cards = [] }: EvalReport): string {
  const body = `<header><h1>${escape(title)}</h1><p>${escape(text ?? rowsText(result))}</p></header>
${tiles(tilesOf(result, before))}
<div class="cards">
${[...cards, reliabilityCard(result, before), histogramCard(result), confusionCard(result, names)].join("\n")}
${classCard(result, names)}
${hardestCard(result, names)}
</div>`;
  return page(title, body);
}

function rowsText({ count, undefinedRows = 0 }: ReportedMetrics): string {
  const rows = `${count.toLocaleString("en-US")} rows`;
  return undefinedRows === 0 ? rows : `${rows}, of which ${undefinedRows} have no distribution`;
}

function tilesOf(result: ReportedMetrics, before: ReportedMetrics | undefined): string[] {
  const { loss, accuracy, brier, ece, mce, topKAccuracy = {} } = result;
  const was = (name: "loss" | "brier" | "ece", note: string): string =>
    before?.[name] === undefined ? note : `${note}, ${before[name].toFixed(4)} before`;
  const more = Object.entries(topKAccuracy)
    .filter(([k]) => k !== "1")
    .map(([k, share]) => `top-${k} ${percent(share)}`);
  const all = [
    tile("Accuracy", percent(accuracy), more.join(", ") || "share of rows"),
    tile("Mean loss", loss.toFixed(4), was("loss", "cross entropy in nats")),
  ];
  if (brier !== undefined) {
    all.push(tile("Brier score", brier.toFixed(4), was("brier", "0 best, 2 worst")));
  }
  if (ece !== undefined) {
    const note = before === undefined ? `ECE; MCE ${mce?.toFixed(4)}` : was("ece", "ECE");
    all.push(tile("Calibration error", ece.toFixed(4), note));
  }
  return all;
}

function reliabilityCard({ bins }: ReportedMetrics, before: ReportedMetrics | undefined): string {
  if (bins === undefined) return "";
  const legend = `${key("square hit", "accuracy")}${key("diamond confidence", "mean confidence")}<span>pale: fewer than ${FEW} rows</span>`;
  if (before?.bins === undefined) return card("Reliability", legend, reliabilityDiagram(bins));
  const figure = (all: typeof bins, name: string): string =>
    `<figure><figcaption>${name}</figcaption>${reliabilityDiagram(all)}</figure>`;
  const both = `<div class="pair">${figure(before.bins, "before calibration")}${figure(bins, "after calibration")}</div>`;
  return card("Reliability", legend, both, "card wide");
}

function histogramCard({ bins }: ReportedMetrics): string {
  if (bins === undefined) return "";
  const legend = `${key("square hit", "right")}${key("square miss", "wrong")}`;
  return card("Confidence", legend, confidenceHistogram(bins));
}

function confusionCard({ confusion }: ReportedMetrics, names: EvalReport["names"]): string {
  if (confusion === undefined) return "";
  const legend = `${key("square hit", "right")}${key("square miss", "wrong")}`;
  if (confusion.length <= MOST_DRAWN) {
    const shape = confusion.length > 16 ? "card wide" : "card";
    return card("Confusion matrix", legend, confusionMatrix(confusion, { names }), shape);
  }
  const pairs = confusion
    .flatMap((row, target) => row.map((count, prediction) => ({ count, target, prediction })))
    .filter(({ count, target, prediction }) => count > 0 && target !== prediction)
    .sort((a, b) => b.count - a.count)
    .slice(0, 40);
  const rows = pairs.map(({ count, target, prediction }) => [
    nameOf(target, names),
    nameOf(prediction, names),
    String(count),
  ]);
  return card(
    "Confusions",
    "The pairs most often confused.",
    table(["true class", "predicted class", "rows"], rows),
  );
}

function classCard({ perClass }: ReportedMetrics, names: EvalReport["names"]): string {
  if (perClass === undefined) return "";
  const rows = perClass.map(({ support, predicted, precision, recall, f1 }, index) => [
    nameOf(index, names),
    ...[support, predicted].map((count) => count.toLocaleString("en-US")),
    ...[precision, recall, f1].map((share) => (Number.isNaN(share) ? "–" : percent(share))),
  ]);
  const head = ["class", "rows", "predicted", "precision", "recall", "F1"];
  return card("Classes", "A dash: nothing predicted, or nothing to find.", table(head, rows));
}

function hardestCard({ hardest }: ReportedMetrics, names: EvalReport["names"]): string {
  if (hardest === undefined || hardest.length === 0) return "";
  const rows = hardest.map(({ row, loss, target, prediction, margin }) => [
    String(row),
    nameOf(target, names),
    nameOf(prediction, names),
    loss.toFixed(4),
    margin.toPrecision(4),
  ]);
  const head = ["row", "true class", "predicted", "loss", "margin"];
  return card("Hardest rows", "The greatest losses, rows counted from 0.", table(head, rows));
}

function nameOf(index: number, names: EvalReport["names"]): string {
  return names?.[index] ?? String(index);
}
