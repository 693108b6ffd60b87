import { describe, expect, it } from "vitest";
import { Adam } from "../../src/train/adam.ts";
import { engine } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { Random } from "../support/random.ts";

describe("Adam", () => {
  it("20 steps agree with the formula in float64 to 1e-6", () => {
    engine.scope(() => {
      const n = 37;
      const parameter = engine.tensor([n]);
      const grad = engine.tensor([n]);
      const random = new Random(1);
      parameter.data.set(random.normals(n));
      const theta = Float64Array.from(parameter.data);
      const m = new Float64Array(n);
      const v = new Float64Array(n);
      const adam = new Adam(engine, [parameter], { learningRate: 1e-2 });
      for (let t = 1; t <= 20; t++) {
        grad.data.set(random.normals(n));
        adam.step([grad]);
        grad.data.forEach((g, i) => {
          m[i] = 0.9 * m[i] + 0.1 * g;
          v[i] = 0.999 * v[i] + 0.001 * g * g;
          const root = Math.sqrt(v[i] / (1 - 0.999 ** t)) + 1e-8;
          theta[i] -= (1e-2 * m[i]) / (1 - 0.9 ** t) / root;
        });
      }
      expect(adam.steps).toBe(20);
      parameter.data.forEach((value, i) => {
        expect(Math.abs(value - theta[i])).toBeLessThan(1e-6 * (1 + Math.abs(theta[i])));
      });
      adam.dispose();
    });
  });

  it("refuses wrong rates and gradients, and changes nothing then", () => {
    engine.scope(() => {
      const parameter = engine.tensor([2]);
      expectError(
        () => new Adam(engine, [parameter], { beta1: 1 }),
        "ERR_ARGUMENT_VALUE",
        "Adam: beta1 must be a finite number in [0, 0.9999999999999998], got 1",
      );
      const adam = new Adam(engine, [parameter]);
      expectError(
        () => adam.step([engine.tensor([3])]),
        "ERR_SHAPE",
        "Adam.step: grads[0] must have its parameter's shape [2], got shape [3]",
      );
      expectError(
        () => adam.step([]),
        "ERR_SHAPE",
        "Adam.step: grads must be a list of 1 tensors, one per parameter, got an array of length 0",
      );
      expect([adam.steps, ...parameter.data]).toEqual([0, 0, 0]);
      adam.dispose();
    });
  });
});
