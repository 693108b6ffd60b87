/**
 * A fit of batches as they come: a step of the optimizer each.
 */
import { fail } from "../check.js";
import type { Engine } from "../engine.js";
import { type FitRules, makeOptimizer } from "./fitOptions.js";
import {
  type Batch,
  type Batches,
  type Model,
  type Outcome,
  type Setup,
  copyInto,
  fill,
  judgeOf,
  makeRows,
  outcome,
} from "./fitRoom.js";
import { type Judge, Stepper, type Steps, fitBatches } from "./fitting.js";
import { LinearPass, type Rows } from "./linearPass.js";
import { readProblem } from "./problem.js";

export async function fitStream(
  engine: Engine,
  fn: string,
  setup: Setup,
  rules: FitRules,
  batches: Batches | (() => Batches),
  warm: Model | undefined,
): Promise<Outcome> {
  const { kind, classes, outputs, classWeight } = setup;
  const made: { dispose(): void }[] = [];
  let room: { rows: Rows; size: number; held: { dispose(): void }[] } | undefined;
  const keep = <T extends { dispose(): void }>(thing: T): T => {
    made.push(thing);
    return thing;
  };
  const scaling = warm?.scaling;
  let features = warm?.features;
  let stepper: Stepper | undefined;
  const step = (batch: Batch): "more" | "end" | "diverged" => {
    const { features: x, targets } = batch;
    const problem = readProblem(engine, fn, kind, classes, x, targets, features, classWeight);
    const { rows: count, columns } = problem.features;
    if (stepper === undefined) {
      features = columns;
      const weights = kind === "softmax" ? classWeight : undefined;
      const pass = keep(new LinearPass(engine, kind, { rows: count, features, outputs }, weights));
      if (warm) fill(pass, warm);
      const optimizer = keep(makeOptimizer(fn, engine, rules, [pass.weight, pass.bias]));
      stepper = new Stepper(engine, fn, pass, optimizer, rules);
    }
    if (room === undefined || room.size < count) {
      for (const thing of room?.held ?? []) thing.dispose();
      const held: { dispose(): void }[] = [];
      room = { size: count, held, rows: makeRows(engine, setup, problem, count, columns, (t) => (held.push(t), t)) }; // prettier-ignore
    }
    copyInto(room.rows, problem, scaling, 0, count);
    return stepper.run(room.rows, () => count, () => problem.weightSum, () => true); // prettier-ignore
  };
  try {
    const proxy: Steps = {
      get finite() {
        return stepper!.finite;
      },
      endEpoch: () => stepper!.endEpoch(),
      keep: () => stepper!.keep(),
      get parameters() {
        return stepper!.parameters;
      },
      get steps() {
        return stepper?.steps ?? 0;
      },
    };
    const judge: Judge | undefined =
      rules.validation &&
      ((parameters) => judgeOf(engine, fn, setup, rules, features!, scaling)!(parameters));
    const fitted = await fitBatches(fn, proxy, rules, judge, async (breath) => {
      for await (const batch of typeof batches === "function" ? batches() : batches) {
        if (step(batch) === "diverged") return "diverged";
        breath.check();
        if (breath.spent) await breath.take();
      }
      if (stepper === undefined) {
        const expected = "must bring at least one batch";
        fail("ERR_ARGUMENT_VALUE", { fn, argument: "batches", expected, gotText: "none" });
      }
      return "end";
    });
    return outcome(setup, fitted, features!, scaling, NaN);
  } finally {
    for (const thing of [...made, ...(room?.held ?? [])]) thing.dispose();
  }
}
