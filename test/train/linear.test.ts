import { describe, expect, it } from "vitest";
import { linear, linearGradients } from "../../src/train/linear.ts";
import { engine } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { Random } from "../support/random.ts";

const filled = (shape: number[], seed: number) => {
  const tensor = engine.tensor(shape);
  tensor.data.set(new Random(seed).normals(tensor.length));
  return tensor;
};

describe("linear", () => {
  it("output and gradients agree with float64 to 1e-5, classes round 4 and 16", () => {
    for (const classes of [1, 3, 4, 5, 15, 16, 17, 37]) {
      engine.scope(() => {
        const [rows, features] = [6, 9];
        const input = filled([rows, features], 1);
        const weight = filled([features, classes], 2);
        const bias = filled([classes], 3);
        const out = engine.tensor([rows, classes]);
        linear(engine, input, weight, bias, out);
        const grad = filled([rows, classes], 4);
        const gradWeight = engine.tensor([features, classes]);
        const gradBias = engine.tensor([classes]);
        linearGradients(engine, input, grad, gradWeight, gradBias);
        const near = (got: number, truth: number) =>
          expect(Math.abs(got - truth)).toBeLessThan(1e-5);
        for (let c = 0; c < classes; c++) {
          let total = 0;
          for (let n = 0; n < rows; n++) {
            let sum = bias.data[c];
            for (let d = 0; d < features; d++) {
              sum += input.data[n * features + d] * weight.data[d * classes + c];
            }
            near(out.data[n * classes + c], sum);
            total += grad.data[n * classes + c];
          }
          near(gradBias.data[c], total);
          for (let d = 0; d < features; d++) {
            let sum = 0;
            for (let n = 0; n < rows; n++) {
              sum += input.data[n * features + d] * grad.data[n * classes + c];
            }
            near(gradWeight.data[d * classes + c], sum);
          }
        }
      });
    }
  });

  it("shapes that disagree, and an output that is an input", () => {
    engine.scope(() => {
      const x = engine.tensor([2, 2]);
      const bias = engine.tensor([2]);
      expectError(
        () => linear(engine, x, engine.tensor([3, 2]), bias, engine.tensor([2, 2])),
        "ERR_SHAPE",
        "linear: weight must be a float32 Tensor of shape [2, any], got shape [3, 2]",
      );
      expectError(
        () => linear(engine, x, engine.tensor([2, 2]), bias, x),
        "ERR_ARGUMENT_VALUE",
        "linear: out must be a tensor of its own, got one that is also another argument",
      );
    });
  });
});
