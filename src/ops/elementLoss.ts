/**
 * Pieces of the losses that go element by element: their options, and their masks as factors.
 */
import type { GradOption } from "../inputs/grad.js";
import { REDUCTION_OPTIONS, type ReductionOptions } from "../inputs/lossOptions.js";
import { MASK_OPTIONS, type MaskOptions, type Masks } from "../inputs/masks.js";
import { type ArrayInput, makeArray } from "../memory/array.js";
import { elementReader } from "../memory/half.js";
import type { Workspace } from "../memory/workspace.js";

export interface ElementLossOptions extends ReductionOptions, MaskOptions {
  /** Gradient of the objective with respect to `loss`: a number, or for "none" one per loss. */
  readonly upstream?: number | ArrayLike<number> | undefined;
  /** Whether and where to write the gradient with respect to the first argument. */
  readonly grad?: GradOption;
}

export const ELEMENT_OPTIONS = [...REDUCTION_OPTIONS, "upstream", "grad", ...MASK_OPTIONS] as const;

/** Masks that have become factors. */
export const NO_MASKS: Masks = { rows: undefined, classes: undefined };

/** The factors, with 0 also where a label is ignored. */
export function withoutIgnored(
  fn: string,
  work: Workspace,
  labels: ArrayInput,
  ignored: readonly number[],
  factors: Float64Array | undefined,
): Float64Array | undefined {
  if (ignored.length === 0) return factors;
  const read = elementReader(labels, work.arena.memory);
  const result = factors ?? makeArray(fn, Float64Array, labels.length).fill(1);
  for (let i = 0; i < labels.length; i++) if (ignored.includes(read(i))) result[i] = 0;
  return result;
}
