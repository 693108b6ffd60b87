import { checkBoolean, checkNumber, checkOptions, fail } from "../check.js";
import { readArray } from "../inputs/array.js";
import { checkLabels } from "../inputs/elementLabels.js";
import { NOISE_OPTIONS, type NoiseOptions, readNoise } from "../inputs/noiseKey.js";
import { inputOf, placeResult } from "../inputs/result.js";
import type { Job } from "../memory/job.js";
import { checkClasses, layoutOf } from "../memory/layout.js";
import { Operands, pointerOf } from "../memory/operands.js";
import { Sink } from "../memory/sink.js";
import { Source } from "../memory/source.js";
import type { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";
import type { ArrayResult, Logits } from "../types.js";

export interface GumbelSoftmaxOptions<
  Out = Tensor | Float32Array | undefined,
> extends NoiseOptions {
  /** The class axis; negative counts from the end (default −1). */
  readonly axis?: number | undefined;
  /** Temperature τ of the relaxation: towards 0 the result nears one-hot (default 1). */
  readonly tau?: number | undefined;
  /** One-hot results with the gradient of the soft ones (default false). */
  readonly hard?: boolean | undefined;
  /** Where to write; may be the logits themselves. */
  readonly out?: Out;
  /** Gradient of the objective with respect to the result, of the logits' shape; needs `grad`. */
  readonly upstream?: Logits | undefined;
  /** Where to write the gradient with respect to the logits; may be the logits. Needs `upstream`. */
  readonly grad?: Tensor | Float32Array | undefined;
}

const OPTIONS = ["axis", "tau", "hard", "out", "upstream", "grad", ...NOISE_OPTIONS] as const;

export interface GumbelSoftmaxMethods {
  /**
   * A differentiable draw of a class from each row of logits (the concrete distribution).
   *
   *   y_j = e^((z_j + g_j) / τ) / Σ_c e^((z_c + g_c) / τ),  g Gumbel noise
   *   hard:  1 at argmax_j (z_j + g_j), 0 elsewhere: what {@link SampleMethods.sample} draws
   *   grad_j = y_j · (u_j − Σ_c y_c u_c) / τ,  u the upstream gradient; also for hard, where it is
   *            the straight-through estimate
   *
   * The noise is a function of (seed, row, step, class) alone, so the gradient of a draw is had later
   * by the same call with `upstream` and `grad`: nothing is kept in between.
   *
   * @param logits - any shape; `axis` names the class axis.
   * @param options - `axis` (−1), `tau` > 0 (1), `hard` (false), `seed`, `step` and `row` as sample's
   *   (0), `out`, `upstream` with `grad`. Pass `step` anew for each draw.
   * @returns an array of the logits' shape, float32: a Tensor where the logits or `out` are one.
   * @throws {LogitsError} ERR_ARGUMENT_TYPE or ERR_ARGUMENT_VALUE for a wrong argument; ERR_SHAPE
   *   if lengths disagree; ERR_STATE for a disposed tensor.
   *
   * Special values: −∞ beside a finite logit → 0, with gradient 0. A row with NaN or +∞, or of −∞
   * only → NaN. Where the soft result is 0, `upstream` does not count.
   * Accuracy: float64, rounded; the same bits in every runtime and numeric build.
   * @example
   * engine.gumbelSoftmax([1, 9, 2], { hard: true, seed: 7 }).data; // Float32Array [0, 1, 0]
   */
  gumbelSoftmax(
    logits: Tensor,
    options?: GumbelSoftmaxOptions<Tensor | undefined>,
  ): Tensor<"float32">;
  gumbelSoftmax(logits: Logits, options: GumbelSoftmaxOptions<Tensor>): Tensor<"float32">;
  gumbelSoftmax(
    logits: Logits,
    options?: GumbelSoftmaxOptions<Float32Array | undefined>,
  ): ArrayResult;
}

export function gumbelSoftmax(
  work: Workspace,
  logits: Logits,
  options?: GumbelSoftmaxOptions,
): Job<unknown> {
  const fn = "gumbelSoftmax";
  const { arena } = work;
  const given = checkOptions(fn, options, OPTIONS);
  const tau = checkNumber(fn, "tau", given.tau ?? 1, { min: 0, above: true });
  const hard = checkBoolean(fn, "hard", given.hard ?? false);
  const array = readArray(fn, "logits", logits, arena);
  const layout = layoutOf(fn, array.shape, given.axis);
  const { rows, classes } = layout;
  checkClasses(fn, layout);
  const { seedOf, stepOf, rowOf } = readNoise(fn, given, rows);
  const missing = given.grad === undefined ? "grad" : "upstream";
  if ((given.grad === undefined) !== (given.upstream === undefined)) {
    fail("ERR_ARGUMENT_VALUE", {
      fn,
      argument: missing,
      expected: `must be given with ${missing === "grad" ? "upstream" : "grad"}`,
      got: undefined,
    });
  }
  const upstream =
    given.upstream === undefined ? undefined : readArray(fn, "upstream", given.upstream, arena);
  if (upstream) checkLabels(fn, array, upstream, "upstream");
  const { shape } = array;
  const request = { fn, shape, dtype: "float32", logits: array } as const;
  const place = placeResult(work, {
    ...request,
    argument: "out",
    out: given.out,
    others: [upstream],
  });
  const gradPlace =
    given.grad &&
    placeResult(work, {
      ...request,
      argument: "grad",
      out: given.grad,
      others: [upstream, inputOf(place)],
    });
  const operands = new Operands();
  const zAt = operands.add(new Source(work, array, layout));
  const upstreamAt = operands.add(upstream && new Source(work, upstream, layout));
  const outAt = operands.add(new Sink(work, layout, place));
  const gradAt = operands.add(gradPlace && new Sink(work, layout, gradPlace));
  const list = work.scratch(classes * 8);
  return {
    rows,
    classes,
    operands: operands.list,
    run(kernels, tile) {
      for (let r = 0; r < tile.rows; r++) {
        const ofRow = (at: number): number => {
          const start = pointerOf(tile, at);
          return start === 0 ? 0 : start + r * classes * 4;
        };
        const row = tile.row + r;
        kernels.gumbelSoftmaxRow(
          ofRow(zAt),
          ofRow(outAt),
          classes,
          tau,
          hard,
          ofRow(upstreamAt),
          ofRow(gradAt),
          seedOf(row),
          rowOf(row),
          stepOf(row),
          list,
        );
      }
    },
    finish: () => place.result,
  };
}
