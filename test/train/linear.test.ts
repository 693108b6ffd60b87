import { describe, expect, it } from "vitest";
import { linear, linearGradients } from "../../src/train/linear.ts";
import { linear as reference, linearGradients as referenceGradients, relativeDistance } from "../reference/linear.ts"; // prettier-ignore
import { engine } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { expectSameBits } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import { matmul } from "../support/tolerance.ts";
import { transpose } from "../support/variants.ts";

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

  it("products across every block and tile edge agree with float64 by norm, and rows alone have the same bits", () => {
    for (const [rows, features, classes] of [
      [66, 258, 5],
      [5, 513, 515],
      [3, 7, 1030],
      [129, 5, 9],
    ] as const) {
      // prettier-ignore
      engine.scope(() => {
        const input = filled([rows, features], 1);
        const weight = filled([features, classes], 2);
        const bias = filled([classes], 3);
        const out = engine.tensor([rows, classes]);
        linear(engine, input, weight, bias, out);
        const sizes = { rows, features, classes };
        const turned = transpose(weight.data, features, classes);
        const truth = reference(input.data, turned, bias.data, sizes);
        expect(relativeDistance(out.data, truth)).toBeLessThan(matmul);
        const grad = filled([rows, classes], 4);
        const gradWeight = engine.tensor([features, classes]);
        const gradBias = engine.tensor([classes]);
        linearGradients(engine, input, grad, gradWeight, gradBias);
        const slopes = referenceGradients(input.data, turned, grad.data, sizes);
        expect(
          relativeDistance(gradWeight.data, transpose(Float32Array.from(slopes.weight), classes, features)),
        ).toBeLessThan(matmul);
        expect(relativeDistance(gradBias.data, slopes.bias)).toBeLessThan(matmul);
        const one = engine.tensor([1, features]);
        const alone = engine.tensor([1, classes]);
        for (const row of [0, 3, rows - 1]) {
          if (row >= rows) continue;
          one.data.set(input.data.subarray(row * features, (row + 1) * features));
          linear(engine, one, weight, bias, alone);
          expectSameBits(alone.data, out.data.slice(row * classes, (row + 1) * classes));
        }
      });
    }
  });

  it("no rows and no features: empty, the bias, gradients of 0", () => {
    engine.scope(() => {
      const out = engine.tensor([2, 3]);
      const bias = filled([3], 1);
      linear(engine, engine.tensor([2, 0]), engine.tensor([0, 3]), bias, out);
      expect(Array.from(out.data)).toEqual([...bias.data, ...bias.data]);
      const gradWeight = filled([2, 3], 2);
      const gradBias = filled([3], 3);
      linearGradients(engine, engine.tensor([0, 2]), engine.tensor([0, 3]), gradWeight, gradBias);
      expect([...gradWeight.data, ...gradBias.data]).toEqual(Array(9).fill(0));
    });
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
