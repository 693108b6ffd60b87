/**
 * The operations of the engine as promises, told from the types of the synchronous ones.
 */
import type { Operations } from "../ops/operations.js";
import type { LinearLayer } from "../inputs/layer.js";
import type { CrossEntropyTargets } from "../ops/crossEntropy.js";
import type { LinearBinaryCrossEntropyOptions } from "../ops/linearBinaryCrossEntropyWithLogits.js";
import type { LinearCrossEntropyOptions, LinearLossOf } from "../ops/linearCrossEntropy.js";
import type { LinearScoreOptions } from "../ops/linearScore.js";
import type { LossWithTemperatureOf } from "../ops/lossResult.js";
import type { ScoreOptions, ScoreTargets, Scores } from "../ops/score.js";
import type { Logits, LossResult } from "../types.js";
import type { CallOptions } from "./watch.js";

/** Every operation of {@link Operations}, with CallOptions among its options. */
export type ParallelOperations = {
  readonly [K in keyof Operations]: K extends "score"
    ? PromisedScore
    : K extends keyof PromisedLinear
      ? PromisedLinear[K]
      : Promised<Operations[K]>;
};

/** The gradients depend on layer and options. */
interface PromisedLinear {
  linearCrossEntropy<
    const O extends LinearCrossEntropyOptions & CallOptions = object,
    L extends LinearLayer = LinearLayer,
    T extends CrossEntropyTargets = CrossEntropyTargets,
  >(
    layer: L,
    targets: T,
    options?: O,
  ): Promise<LinearLossOf<O, L, T>>;
  linearBinaryCrossEntropyWithLogits<
    const O extends LinearBinaryCrossEntropyOptions & CallOptions = object,
    L extends LinearLayer = LinearLayer,
  >(
    layer: L,
    targets: Logits | ArrayLike<number> | ArrayLike<bigint>,
    options?: O,
  ): Promise<LinearLossOf<O, L>>;
  linearScore<
    const O extends LinearScoreOptions & CallOptions = object,
    T extends ScoreTargets | null = ScoreTargets,
  >(
    layer: LinearLayer,
    targets: T,
    options?: O,
  ): Promise<Scores<O, T>>;
}

/** A loss keeps the link between its options and its result; other operations keep their overloads. */
type Promised<F> = F extends (logits: never, targets: infer T, options?: infer O) => infer R
  ? R extends Omit<LossResult, "loss">
    ? PromisedLoss<T, O>
    : PromisedOverloads<F>
  : PromisedOverloads<F>;

/** The columns depend on the targets and options. */
interface PromisedScore {
  <
    const O extends ScoreOptions & CallOptions = object,
    T extends ScoreTargets | null = ScoreTargets,
  >(
    logits: Logits,
    targets: T,
    options?: O,
  ): Promise<Scores<O, T>>;
}

interface PromisedLoss<T, O> {
  <L extends Logits = Logits>(
    logits: L,
    targets: T,
  ): Promise<LossWithTemperatureOf<object, L, undefined>>;
  <const P extends NonNullable<O> & CallOptions, L extends Logits = Logits, S extends T = T>(
    logits: L,
    targets: S,
    options: P,
  ): Promise<LossWithTemperatureOf<P, L, S>>;
}

/** Up to three overloads; where there are fewer, the first is repeated. */
type PromisedOverloads<F> = F extends {
  (...given: infer A): infer R;
  (...given: infer B): infer S;
  (...given: infer C): infer T;
}
  ? {
      (...given: WithCallOptions<A>): Promise<R>;
      (...given: WithCallOptions<B>): Promise<S>;
      (...given: WithCallOptions<C>): Promise<T>;
    }
  : never;

/** The parameters with CallOptions added to the last one, the options. */
type WithCallOptions<A> = A extends [infer First, infer Options]
  ? [First, Options & CallOptions]
  : A extends [infer First, (infer Options)?]
    ? [First, (Options & CallOptions)?]
    : A extends [infer First, infer Second, (infer Options)?]
      ? [First, Second, (Options & CallOptions)?]
      : A;
