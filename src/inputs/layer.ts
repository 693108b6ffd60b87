/**
 * A linear layer as callers pass it: input, weight and bias, read and their shapes compared.
 */
import { checkOptions, checkWord, fail, shapeText } from "../check.js";
import type { ArrayInput } from "../memory/array.js";
import { type Layout, layoutOf } from "../memory/layout.js";
import { Source } from "../memory/source.js";
import type { Workspace } from "../memory/workspace.js";
import type { Logits, Shape } from "../types.js";
import { readArray } from "./array.js";

/** Logits = input · weightᵀ + bias. */
export interface LinearLayer {
  /** (…, D): rows of features. */
  readonly input: Logits;
  /** (C, D), or (D, C) with weightLayout "DC". */
  readonly weight: Logits;
  /** (C). */
  readonly bias?: Logits | undefined;
}

/** "CD": a row per class, as PyTorch's Linear has it; "DC": a row per feature, as Keras's Dense. */
export type WeightLayout = "CD" | "DC";

export interface LayerOptions {
  /** How `weight` lies in memory (default "CD"). */
  readonly weightLayout?: WeightLayout | undefined;
}

export interface Layer {
  readonly input: ArrayInput;
  readonly weight: ArrayInput;
  readonly bias: ArrayInput | undefined;
  readonly rows: number;
  readonly features: number;
  readonly classes: number;
  readonly byFeature: boolean;
  /** Shape of the logits. */
  readonly shape: Shape;
}

export function readLayer(
  fn: string,
  work: Workspace,
  value: LinearLayer,
  weightLayout: unknown = "CD",
): Layer {
  const order = checkWord(fn, "weightLayout", weightLayout, ["CD", "DC"]);
  if (typeof value !== "object" || value === null) {
    const expected = "must be { input, weight, bias }";
    fail("ERR_ARGUMENT_TYPE", { fn, argument: "layer", expected, got: value });
  }
  const given = checkOptions(fn, value, ["input", "weight", "bias"]);
  const { arena } = work;
  const input = readArray(fn, "input", given.input, arena);
  const weight = readArray(fn, "weight", given.weight, arena);
  const bias = given.bias === undefined ? undefined : readArray(fn, "bias", given.bias, arena);
  const { rows, classes: features } = layoutOf(fn, input.shape);
  const byFeature = order === "DC";
  const [classes = 0, width] = byFeature ? [...weight.shape].reverse() : weight.shape;
  const refuse = (argument: string, expected: string, got: Shape): never =>
    fail("ERR_SHAPE", { fn, argument, expected, gotText: `shape ${shapeText(got)}` });
  if (features === 0) refuse("input", "must have at least one feature", input.shape);
  if (weight.shape.length !== 2 || width !== features || classes === 0) {
    const sides = byFeature ? `${features}, classes` : `classes, ${features}`;
    refuse("weight", `must have shape [${sides}] with weightLayout "${order}"`, weight.shape);
  }
  if (bias && (bias.shape.length !== 1 || bias.length !== classes)) {
    refuse("bias", `must have shape [${classes}]`, bias.shape);
  }
  const shape = input.shape.length === 0 ? [classes] : [...input.shape.slice(0, -1), classes];
  return { input, weight, bias, rows, features, classes, byFeature, shape };
}

/** Address of an array as float32 in linear memory: where it lies, or a copy of the whole. */
export function residentOf(work: Workspace, array: ArrayInput): number {
  if (array.address && array.isFloat32) return array.address;
  const at = work.block(array.length * 4);
  const { length } = array;
  const layout: Layout = { shape: [length], axis: 0, outer: 1, classes: length, inner: 1, rows: 1 };
  new Source(work, array, layout).load(0, 1, 0, length, at, at);
  return at;
}
