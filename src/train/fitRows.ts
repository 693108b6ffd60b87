/**
 * A fit of rows at hand: full-batch, or mini-batches in a new order each epoch.
 */
import type { Engine } from "../engine.js";
import { scalingOf } from "./features.js";
import { type FitRules, makeOptimizer } from "./fitOptions.js";
import {
  type Model,
  type Outcome,
  type Setup,
  copyInto,
  fill,
  judgeOf,
  makeRows,
  outcome,
  penalty,
} from "./fitRoom.js";
import { fitFull } from "./fitFull.js";
import { type Fitted, Stepper, fitBatches } from "./fitting.js";
import { LinearPass, type Rows } from "./linearPass.js";
import type { Problem } from "./problem.js";
import { shuffler } from "./shuffle.js";
import { once } from "./tensors.js";

export async function fitRows(
  engine: Engine,
  fn: string,
  setup: Setup,
  rules: FitRules,
  problem: Problem,
  warm: Model | undefined,
): Promise<Outcome> {
  const { kind, outputs } = setup;
  const { rows: count, columns: features } = problem.features;
  const scaling = warm ? warm.scaling : setup.standardize ? scalingOf(problem.features) : undefined;
  const judge = judgeOf(engine, fn, setup, rules, features, scaling);
  const made: { dispose(): void }[] = [];
  const keep = <T extends { dispose(): void }>(thing: T): T => {
    made.push(thing);
    return thing;
  };
  try {
    const full = rules.optimizer === "lbfgs";
    const size = full ? count : Math.min(rules.batchSize, count);
    const sizes = { rows: size, features, outputs };
    const classWeight = kind === "softmax" ? setup.classWeight : undefined;
    const pass = keep(new LinearPass(engine, kind, sizes, classWeight));
    if (warm) fill(pass, warm);
    const rows = makeRows(engine, setup, problem, count, features, keep);
    copyInto(rows, problem, scaling, 0, count);
    const { weightSum } = problem;
    let fitted: Fitted;
    if (full) fitted = await fitFull(engine, fn, pass, rows, weightSum, rules);
    else {
      const optimizer = keep(makeOptimizer(fn, engine, rules, [pass.weight, pass.bias]));
      const stepper = new Stepper(engine, fn, pass, optimizer, rules);
      const batch = makeRows(engine, setup, problem, size, features, keep);
      const epoch = shuffledEpochs(rows, batch, problem, count, size, rules.seed, outputs);
      fitted = await fitBatches(fn, stepper, rules, judge, async (breath) => {
        const { next, weightOf } = epoch();
        for (;;) {
          const state = stepper.run(batch, next, weightOf, () => breath.spent);
          if (breath.spent) await breath.take();
          if (state !== "more") return state;
        }
      });
    }
    fill(pass, fitted);
    const lossSum = engine.run(fn, (work) => {
      const run = pass.open(work, fn);
      return once(() => run(rows, 0, count, 0));
    });
    const objective = lossSum / weightSum + penalty(rules.l2, fitted.weight);
    return outcome(setup, fitted, features, scaling, objective);
  } finally {
    for (const thing of made) thing.dispose();
  }
}

/** Batches of rows in a new order each epoch, copied within linear memory. */
function shuffledEpochs(
  rows: Rows,
  batch: Rows,
  { rowWeights }: Problem,
  count: number,
  size: number,
  seed: number,
  outputs: number,
): () => { next(): number; weightOf(): number } {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const shuffle = shuffler(seed);
  const perRow = rows.y.dtype === "int32" ? 1 : outputs;
  return () => {
    shuffle(order);
    let at = 0;
    let total = 0;
    return {
      next() {
        const n = Math.min(size, count - at);
        const bytes = new Uint8Array(rows.x.data.buffer); // growth replaces the buffer
        for (const [from, to] of [
          [rows.x, batch.x],
          [rows.y, batch.y],
          [rows.weights, batch.weights],
        ]) {
          if (from === undefined || to === undefined) continue;
          const step = (from.length / count) * 4;
          const start = from.data.byteOffset;
          let end = to.data.byteOffset;
          for (let i = at; i < at + n; i++) {
            const source = start + order[i]! * step;
            bytes.copyWithin(end, source, source + step);
            end += step;
          }
        }
        total = rowWeights ? 0 : n * perRow;
        if (rowWeights) for (let i = at; i < at + n; i++) total += rowWeights[order[i]!]!;
        at += n;
        return n;
      },
      weightOf: () => total,
    };
  };
}
