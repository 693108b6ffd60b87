/**
 * What crossEntropy has checked and hands to its two forms, and the pieces both forms use.
 */
import type { ReductionRule, Upstream } from "../inputs/lossOptions.js";
import type { Masks } from "../inputs/masks.js";
import type { Place } from "../inputs/result.js";
import type { ArrayInput } from "../memory/array.js";
import type { Operand } from "../memory/job.js";
import { KeptSink, KeptSource } from "../memory/keptClasses.js";
import type { Layout } from "../memory/layout.js";
import { Sink } from "../memory/sink.js";
import { type Adjustment, Source } from "../memory/source.js";
import type { Workspace } from "../memory/workspace.js";
import type { Kernels } from "../wasm/exports.js";
import type { SideGradients } from "./sideGradients.js";

export interface CrossEntropyPlan {
  readonly work: Workspace;
  readonly fn: string;
  readonly array: ArrayInput;
  /** Of the whole logits, and as kernels see them: without the classes left out. */
  readonly whole: Layout;
  readonly layout: Layout;
  readonly masks: Masks;
  readonly rule: ReductionRule;
  readonly weight: Float32Array | undefined;
  readonly smoothing: number;
  readonly zLoss: number;
  readonly adjustment: Adjustment | undefined;
  readonly upstream: Upstream;
  readonly source: Operand;
  /** What multiplies each row's loss: 0 where the row mask leaves it out, its target's weight. */
  readonly lossFactors: Float64Array | undefined;
  /** The same for gradients, with the row's upstream factor; or undefined. */
  readonly factors: Operand | undefined;
  readonly side: SideGradients;
  /** Whether the kernel takes rows as columns. */
  readonly columns?: boolean;
  /** Takes the operands of logits and gradient, where they hold the rows of a step only. */
  readonly local?: Set<Operand> | undefined;
}

/** Where arrays of the logits' shape lie, and how the kernel takes their rows. */
type Places = Pick<CrossEntropyPlan, "work" | "whole" | "masks" | "columns">;

/** The gradient as an operand, or undefined. */
export function gradSink(
  plan: Places & Pick<CrossEntropyPlan, "layout" | "side" | "local">,
  grad: Place | undefined,
): Operand | undefined {
  if (grad === undefined) return plan.side.scratch(plan.layout);
  const sink = plan.side.stage(sinkOf(plan, grad));
  plan.local?.add(sink);
  return sink;
}

/** An array result of the logits' shape. */
export function sinkOf({ work, whole, masks, columns = false }: Places, place: Place): Operand {
  const sink = new Sink(work, whole, place, false, columns);
  return masks.classes ? new KeptSink(work, sink, masks.classes) : sink;
}

/** Rows of an array of the logits' shape, as float32. */
export function sourceOf(
  { work, whole, masks, columns }: Places,
  array: ArrayInput,
  adjustment?: Adjustment,
): Operand {
  if (masks.classes === undefined) return new Source(work, array, whole, adjustment, columns);
  return new KeptSource(work, new Source(work, array, whole), masks.classes, adjustment);
}

/** Address of all class weights, or 0 where there are none or rows are too long to hold whole. */
export function wholeWeights({ weight, work, layout }: CrossEntropyPlan): number {
  return layout.classes > work.wholeClasses ? 0 : work.floats(weight);
}

/** Class weights of rows too long to hold whole: the same row again and again, cut with the logits. */
export function weightSegments({ weight, work, layout }: CrossEntropyPlan): Operand | undefined {
  if (weight === undefined || layout.classes <= work.wholeClasses) return undefined;
  return {
    classes: weight.length,
    rowBytes: weight.length * 4,
    resident: 0,
    load(_row, _rows, from, count, at) {
      work.arena.views.f32.set(weight.subarray(from, from + count), at / 4);
    },
  };
}

/** ∂loss/∂x = ∂loss/∂z · ∂z/∂x: the soft cap's part; that of the temperature is in the scale. */
export function uncap(
  plan: CrossEntropyPlan,
  kernels: Kernels,
  gradPtr: number,
  zPtr: number,
  length: number,
): void {
  const { adjustment } = plan;
  if (adjustment === undefined || adjustment.softcap === 0) return;
  kernels.uncapGradients(gradPtr, zPtr, length, adjustment.temperature, adjustment.softcap);
}

/** The common factor of gradients: upstream over the denominator and the temperature. */
export function gradScale(plan: CrossEntropyPlan, scale: number): number {
  return scale / (plan.adjustment?.temperature ?? 1);
}
