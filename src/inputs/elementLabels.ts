/**
 * Labels and weights of losses that go element by element: checked, counted, and fed to kernels.
 */
import { fail, shapeText } from "../check.js";
import type { ArrayInput } from "../memory/array.js";
import { elementReader } from "../memory/half.js";
import type { Layout } from "../memory/layout.js";
import type { Workspace } from "../memory/workspace.js";
import { readArray } from "./array.js";
import { refuseElement } from "./lists.js";
import { ElementWeights, broadcastRuns } from "./broadcast.js";
import type { Denominators } from "./lossOptions.js";

type Shaped = Pick<ArrayInput, "shape" | "length">;

/** Whether labels have the logits' shape, or are as many in a flat array. */
export function haveShape(labels: Shaped, logits: Shaped): boolean {
  if (labels.length !== logits.length) return false;
  const { shape } = labels;
  const axes = logits.shape.length;
  if (shape.length === 1) return true;
  for (let i = 0; i < axes; i++) if (shape[i] !== logits.shape[i]) return false;
  return shape.length === axes;
}

/** Labels must have the logits' shape, or be as many in a flat array. */
export function checkLabels(
  fn: string,
  logits: ArrayInput,
  labels: ArrayInput,
  argument = "targets",
): void {
  if (haveShape(labels, logits)) return;
  fail("ERR_SHAPE", {
    fn,
    argument,
    expected: `must have the logits' shape ${shapeText(logits.shape)}`,
    gotText: `shape ${shapeText(labels.shape)}`,
  });
}

/** Finite weights of at least `least`, a number or an array; or undefined. */
export function readElementWeights(
  fn: string,
  work: Workspace,
  argument: string,
  value: unknown,
  least: number,
): ArrayInput | undefined {
  if (value === undefined || value === null) return undefined;
  const given = typeof value === "number" ? { data: [value], shape: [] } : value;
  const weights = readArray(fn, argument, given, work.arena, true);
  const read = elementReader(weights, work.arena.memory);
  for (let i = 0; i < weights.length; i++) {
    const w = read(i);
    if (Number.isFinite(w) && w >= least) continue;
    const expected = least === 0 ? "must be a finite number of at least 0" : "must be finite";
    refuseElement(fn, argument, i, expected, w);
  }
  return weights;
}

/** One weight per element, 0 where it is ignored; undefined where all are 1. */
export function elementWeights(
  fn: string,
  work: Workspace,
  argument: string,
  weights: ArrayInput | undefined,
  logits: ArrayInput,
  labels: ArrayInput,
  ignored: readonly number[],
  factors?: Float64Array,
): ElementWeights | undefined {
  if (weights === undefined && ignored.length === 0 && factors === undefined) return undefined;
  const runs = broadcastRuns(fn, argument, weights?.shape ?? [], logits.shape);
  return new ElementWeights(work.arena, weights, runs, labels, ignored, factors);
}

/** Denominators of a mean over elements; `rows` is the number of rows along the last axis. */
export function elementSums(
  work: Workspace,
  labels: ArrayInput,
  ignored: readonly number[],
  factors: Float64Array | undefined,
  weights: ElementWeights | undefined,
  layout: Layout,
): Denominators {
  const elements = labels.length;
  let count = elements;
  if (ignored.length > 0 || factors !== undefined) {
    const read = elementReader(labels, work.arena.memory);
    count = 0;
    for (let i = 0; i < elements; i++) {
      if (factors?.[i] !== 0 && !ignored.includes(read(i))) count++;
    }
  }
  const nonzero = weights === undefined ? count : weights.countNonzero(elements);
  return { weightSum: count, count, nonzero, rows: elements === 0 ? 0 : layout.rows, elements };
}
