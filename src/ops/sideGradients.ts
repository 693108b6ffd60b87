/**
 * Gradients that are by-products of the one with respect to the logits: of the temperature, and of
 * soft targets.
 */
import { checkBoolean } from "../check.js";
import type { GradOption } from "../inputs/grad.js";
import type { Place } from "../inputs/result.js";
import type { Operand, Tile } from "../memory/job.js";
import { staged } from "../memory/keptClasses.js";
import type { Layout } from "../memory/layout.js";
import { type Operands, pointerOf } from "../memory/operands.js";
import type { Workspace } from "../memory/workspace.js";
import type { Kernels } from "../wasm/exports.js";
import { STATE_BYTES } from "./lossSums.js";

export interface TemperatureGradientOption {
  /** Whether to return the derivative of the objective with respect to `temperature`. */
  readonly gradTemperature?: boolean | undefined;
}

export interface TargetGradientOption {
  /** Whether and where to write the gradient with respect to soft targets. */
  readonly gradTargets?: GradOption;
}

/** What the caller asked for beside `grad`. */
export class SideGradients {
  readonly #temperature: readonly TemperatureSum[];
  targets: Place | undefined;

  /** `inputs`: how many arrays the temperature divides. */
  constructor(fn: string, work: Workspace, gradTemperature: unknown = false, inputs = 1) {
    const asked = checkBoolean(fn, "gradTemperature", gradTemperature);
    this.#temperature = Array.from({ length: asked ? inputs : 0 }, () => new TemperatureSum(work));
  }

  get wantsTemperature(): boolean {
    return this.#temperature.length > 0;
  }

  /** Whether rows may be fed in segments. */
  get allowsSegments(): boolean {
    return !this.wantsTemperature && this.targets === undefined;
  }

  /** Logits and gradient apart from each other: both are needed after the kernel. */
  stage(operand: Operand): Operand {
    return this.wantsTemperature ? staged(operand) : operand;
  }

  /** Room for a gradient that only the temperature needs. */
  scratch(layout: Layout): Operand | undefined {
    const { classes } = layout;
    return this.wantsTemperature ? { rowBytes: classes * 4, classes, resident: 0 } : undefined;
  }

  addTo(operands: Operands): void {
    for (const sum of this.#temperature) sum.at = operands.add(sum);
  }

  /** Takes −∂/∂T of a tile from the gradient and the adjusted logits of array `input`. */
  run(kernels: Kernels, tile: Tile, input: number, gradPtr: number, zPtr: number, classes: number) {
    const sum = this.#temperature[input];
    if (sum) kernels.dotRows(gradPtr, zPtr, tile.rows, classes, pointerOf(tile, sum.at));
  }

  /** The parts of the result. */
  result(): { gradTargets?: Place["result"]; gradTemperature?: number } {
    let sum = 0;
    for (const part of this.#temperature) sum += part.value;
    return {
      ...(this.targets && { gradTargets: this.targets.result }),
      ...(this.wantsTemperature && { gradTemperature: 0 - sum }),
    };
  }
}

/** One float64 per row, summed in the fixed tree of the losses. */
class TemperatureSum implements Operand {
  readonly rowBytes = 8;
  readonly resident = 0;
  at = -1;
  readonly #work: Workspace;
  readonly #state: number;

  constructor(work: Workspace) {
    this.#work = work;
    this.#state = work.block(STATE_BYTES);
    work.arena.views.f64.fill(0, this.#state / 8, (this.#state + STATE_BYTES) / 8);
  }

  store(_row: number, rows: number, _from: number, _count: number, at: number): void {
    this.#work.kernels.sumLosses(at, rows, this.#state);
  }

  get value(): number {
    return this.#work.kernels.totalOf(this.#state);
  }
}
