/**
 * The plan shared by losses whose kernel takes logits, targets and a scale, row by row, and leaves
 * one float64 loss per row. Losses of elements have rows of one class.
 */
import type { Place } from "../inputs/result.js";
import { inputOf } from "../inputs/result.js";
import { placeGrad } from "../inputs/grad.js";
import {
  type Denominators,
  type ReductionRule,
  factorRows,
  readUpstream,
} from "../inputs/lossOptions.js";
import { type Masks, keptLayout } from "../inputs/masks.js";
import type { ArrayInput, Region } from "../memory/array.js";
import type { Job, Operand, Tile } from "../memory/job.js";
import { staged } from "../memory/keptClasses.js";
import type { Layout } from "../memory/layout.js";
import { Operands, pointerOf } from "../memory/operands.js";
import type { Adjustment } from "../memory/source.js";
import type { Workspace } from "../memory/workspace.js";
import type { Kernels } from "../wasm/exports.js";
import { gradSink, sinkOf, sourceOf } from "./crossEntropyPlan.js";
import { LossSums } from "./lossSums.js";
import { SideGradients } from "./sideGradients.js";

export interface RowLoss {
  readonly fn: string;
  readonly work: Workspace;
  readonly array: ArrayInput;
  /** Of the whole logits, before classes are left out. */
  readonly whole: Layout;
  readonly masks: Masks;
  readonly rule: ReductionRule;
  readonly sums: Denominators;
  /** What multiplies each row's loss; 0 for a row that is left out. */
  readonly lossFactors?: Float64Array | undefined;
  readonly adjustment?: Adjustment | undefined;
  /** Soft targets of the logits' shape: read as logits are, and may have a gradient. */
  readonly soft?: ArrayInput | undefined;
  /** Targets of another kind, and further operands; see RowCall.more. */
  readonly more?: readonly (Operand | undefined)[];
  /** Inputs that a gradient must not overlap. */
  readonly others?: readonly (Region | undefined)[];
  /** Whether soft targets pass through the temperature, too. */
  readonly adjustsTargets?: boolean;
  /** Options as given: the upstream gradient, and which gradients are wanted. */
  readonly given: {
    readonly upstream?: unknown;
    readonly grad?: unknown;
    readonly gradTargets?: unknown;
    readonly gradTemperature?: unknown;
  };
}

/** Addresses and scalars of one tile; 0 for what is absent. */
export interface RowCall {
  readonly zPtr: number;
  readonly gradPtr: number;
  readonly rows: number;
  readonly classes: number;
  readonly softPtr: number;
  readonly targetGradPtr: number;
  /** Addresses of `more`, in its order. */
  readonly more: readonly number[];
  /** Upstream over denominator and temperature. */
  readonly scale: number;
  readonly upstreamPtr: number;
  readonly lossPtr: number;
}

export function planRowLoss(
  plan: RowLoss,
  prepare: (layout: Layout) => (kernels: Kernels, call: RowCall) => void,
): Job<unknown> {
  const { fn, work, array, whole, masks, rule, sums, lossFactors, adjustment, given } = plan;
  const { soft, more = [], others = [], adjustsTargets = false } = plan;
  const upstream = readUpstream(fn, given.upstream, rule.reduction, whole.rows);
  const layout = keptLayout(whole, masks.classes);
  const { rows, classes } = layout;
  const side = new SideGradients(fn, work, given.gradTemperature, adjustsTargets ? 2 : 1);
  const losses = new LossSums(fn, work, rule, sums, upstream, rows, 1, lossFactors);
  const scale = losses.scale / (adjustment?.temperature ?? 1);
  const grad = placeGrad(work, fn, given.grad, array, [soft, ...others]);
  if (soft) {
    const apart = [array, grad && inputOf(grad), ...others];
    side.targets = placeGrad(work, fn, given.gradTargets, soft, apart, "gradTargets");
  }
  const run = prepare(layout);
  const places = { work, whole, layout, masks, side };
  const operands = new Operands();
  const zAt = operands.add(side.stage(sourceOf(places, array, adjustment)));
  const softAt = operands.add(
    soft && side.stage(sourceOf(places, soft, adjustsTargets ? adjustment : undefined)),
  );
  const moreAt = more.map((operand) => operands.add(operand));
  const lossAt = operands.add(losses);
  const factorAt = operands.add(factorRows(work.arena, upstream, lossFactors));
  const gradAt = operands.add(gradSink(places, grad));
  const targetGradAt = operands.add(targetSink(places, adjustsTargets));
  side.addTo(operands);
  return {
    rows,
    classes,
    operands: operands.list,
    run(kernels, tile) {
      const at = (index: number): number => pointerOf(tile, index);
      const call: RowCall = {
        zPtr: at(zAt),
        gradPtr: at(gradAt),
        rows: tile.rows,
        classes,
        softPtr: at(softAt),
        targetGradPtr: at(targetGradAt),
        more: moreAt.map(at),
        scale,
        upstreamPtr: at(factorAt),
        lossPtr: at(lossAt),
      };
      run(kernels, call);
      sideTile(kernels, side, tile, call);
      if (call.gradPtr && adjustment !== undefined && adjustment.softcap !== 0) {
        const { temperature, softcap } = adjustment;
        const length = tile.rows * classes;
        kernels.uncapGradients(call.gradPtr, call.zPtr, length, temperature, softcap);
      }
    },
    finish: () => ({ ...losses.result(grad), ...side.result() }),
  };
}

function targetSink(
  places: Parameters<typeof gradSink>[0],
  adjustsTargets: boolean,
): Operand | undefined {
  const { targets } = places.side;
  if (targets === undefined) return adjustsTargets ? places.side.scratch(places.layout) : undefined;
  return staged(sinkOf(places, targets as Place)); // kernels read targets again after writing it
}

function sideTile(kernels: Kernels, side: SideGradients, tile: Tile, call: RowCall): void {
  side.run(kernels, tile, 0, call.gradPtr, call.zPtr, call.classes);
  side.run(kernels, tile, 1, call.targetGradPtr, call.softPtr, call.classes);
}
