import { describe, expect, it } from "vitest";
import { Adam, AdamW } from "../../src/train/adam.ts";
import type { Optimizer } from "../../src/train/optimizer.ts";
import { constantSchedule, cosineSchedule, warmUpSchedule } from "../../src/train/schedules.ts";
import { SGD } from "../../src/train/sgd.ts";
import type { Tensor } from "../../src/index.ts";
import { relativeDistance } from "../reference/linear.ts";
import { type Step, adam as adamOf, sgd as sgdOf } from "../reference/optimizers.ts";
import { engine } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { Random } from "../support/random.ts";
import { optimizerTrace } from "../support/tolerance.ts";

type Make = (parameters: Tensor<"float32">[]) => Optimizer;
const N = 37; // nine vectors and one element more

const CASES: readonly (readonly [string, Make, Step])[] = [
  ["SGD", (p) => new SGD(engine, p, { learningRate: 0.05 }), sgdOf(N, { rate: 0.05 })],
  [
    "SGD with momentum",
    (p) => new SGD(engine, p, { learningRate: 0.05, momentum: 0.9, dampening: 0.1 }),
    sgdOf(N, { rate: 0.05, momentum: 0.9, dampening: 0.1 }),
  ],
  [
    "SGD with Nesterov's momentum and weight decay",
    (p) =>
      new SGD(engine, p, { learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
    sgdOf(N, { rate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  ],
  ["Adam", (p) => new Adam(engine, p), adamOf(N, "adam", { rate: 1e-3 })],
  [
    "Adam with weight decay",
    (p) =>
      new Adam(engine, p, {
        learningRate: 0.02,
        beta1: 0.8,
        beta2: 0.95,
        epsilon: 1e-3,
        weightDecay: 0.1,
      }),
    adamOf(N, "adam", { rate: 0.02, beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: 0.1 }),
  ],
  ["AdamW", (p) => new AdamW(engine, p), adamOf(N, "adamW", { rate: 1e-3, weightDecay: 0.01 })],
  [
    "Adam in TensorFlow's form",
    (p) => new Adam(engine, p, { learningRate: 0.01, epsilon: 1e-7, form: "tensorflow" }),
    adamOf(N, "tensorflow", { rate: 0.01, epsilon: 1e-7 }),
  ],
];

/** A quadratic with noise: gradients that shrink, change sign and differ in size. */
function gradients(theta: ArrayLike<number>, random: Random): Float32Array {
  return Float32Array.from(
    theta,
    (value, i) => (value - i / 10) * (1 + i) * 0.1 + 0.1 * random.normal(),
  );
}

describe.each(CASES)("%s", (_name, make, reference) => {
  it("100 steps within 1e-5 of float64", () => {
    engine.scope(() => {
      const parameter = engine.tensor([N]);
      const grad = engine.tensor([N]);
      parameter.data.set(new Random(1).normals(N));
      const theta = Float64Array.from(parameter.data);
      const optimizer = make([parameter]);
      const random = new Random(2);
      for (let t = 0; t < 100; t++) {
        const g = gradients(theta, random);
        grad.data.set(g);
        optimizer.step([grad]);
        reference(theta, g);
      }
      expect(optimizer.steps).toBe(100);
      expect(relativeDistance(parameter.data, theta)).toBeLessThan(optimizerTrace);
      optimizer.dispose();
    });
  });
});

describe("optimizers", () => {
  it("several parameters step each with its own gradient, and clipping takes their norms together", () => {
    engine.scope(() => {
      const parameters = [engine.tensor([2]), engine.tensor([1])];
      const grads = [engine.tensor([2]), engine.tensor([1])];
      grads[0].data.set([3, 0]);
      grads[1].data.set([4]);
      const optimizer = new SGD(engine, parameters, { learningRate: 1, clipNorm: 1 });
      optimizer.step(grads);
      expect(Array.from(parameters[0].data)).toEqual([expect.closeTo(-0.6, 5), 0]);
      expect(Array.from(parameters[1].data)).toEqual([expect.closeTo(-0.8, 5)]);
      expect(Array.from(grads[1].data)).toEqual([4]);
    });
  });

  it("schedules: constant, cosine, warm-up, one's own", () => {
    const rates = (schedule: (t: number) => number) => [0, 1, 2, 3, 4].map((t) => schedule(t));
    expect(rates(constantSchedule(0.1))).toEqual([0.1, 0.1, 0.1, 0.1, 0.1]);
    const near = (values: number[]) => values.map((value) => expect.closeTo(value, 12));
    expect(rates(cosineSchedule(1, 2, 0.2))).toEqual(near([1, 0.6, 0.2, 0.2, 0.2]));
    expect(rates(warmUpSchedule(2, cosineSchedule(1, 2)))).toEqual(near([0.5, 1, 1, 0.5, 0]));
    engine.scope(() => {
      const [parameter, grad] = [engine.tensor([1]), engine.tensor([1])];
      grad.data.set([1]);
      const optimizer = new SGD(engine, [parameter], { learningRate: (t) => 1 / (t + 1) });
      for (let t = 0; t < 3; t++) optimizer.step([grad]);
      expect(parameter.data[0]).toBeCloseTo(-1 - 1 / 2 - 1 / 3, 6);
    });
  });

  it("a learning rate of 0 changes nothing; NaN in a gradient goes where it belongs", () => {
    engine.scope(() => {
      const [parameter, grad] = [engine.tensor([5]), engine.tensor([5])];
      parameter.data.fill(2);
      grad.data.set([1, NaN, 1, 1, 1]);
      new SGD(engine, [parameter], { learningRate: 0.5 }).step([grad]);
      expect(Array.from(parameter.data)).toEqual([1.5, NaN, 1.5, 1.5, 1.5]);
      parameter.data.fill(2);
      grad.data.fill(1);
      new Adam(engine, [parameter], { learningRate: 0 }).step([grad]);
      expect(Array.from(parameter.data)).toEqual([2, 2, 2, 2, 2]);
    });
  });

  it("refuses wrong numbers and gradients, and changes nothing then", () => {
    engine.scope(() => {
      const parameter = engine.tensor([2]);
      const refused = (call: () => unknown, code: string, message: string) =>
        expectError(call, code as never, message);
      const value = "ERR_ARGUMENT_VALUE";
      refused(() => new Adam(engine, [parameter], { beta1: 1 }), value, "Adam: beta1 must be a finite number in [0, 0.9999999999999998], got 1"); // prettier-ignore
      refused(() => new AdamW(engine, [parameter], { learningRate: -1 }), value, "AdamW: learningRate must be a finite number of at least 0, got -1"); // prettier-ignore
      refused(() => new SGD(engine, [parameter], { learningRate: NaN }), value, "SGD: learningRate must be a finite number of at least 0, got NaN"); // prettier-ignore
      refused(() => new SGD(engine, [parameter], { nesterov: true }), value, "SGD: nesterov must come with momentum and without dampening, got momentum 0 and dampening 0"); // prettier-ignore
      refused(() => new SGD(engine, [parameter], { clipNorm: 0 }), value, "SGD: clipNorm must be a finite number above 0, got 0"); // prettier-ignore
      refused(() => new Adam(engine, [parameter], { form: "keras" as never }), value, 'Adam: form must be "torch" or "tensorflow", got "keras"'); // prettier-ignore
      refused(() => new Adam(engine, [{} as never]), "ERR_ARGUMENT_TYPE", "Adam: parameters[0] must be a float32 Tensor, got an object"); // prettier-ignore
      const adam = new Adam(engine, [parameter]);
      refused(() => adam.step([engine.tensor([3])]), "ERR_SHAPE", "Adam.step: grads[0] must be a float32 Tensor of shape [2], got shape [3]"); // prettier-ignore
      refused(() => adam.step([]), "ERR_SHAPE", "Adam.step: grads must be a list of 1 tensors, one per parameter, got an array of length 0"); // prettier-ignore
      expect([adam.steps, ...parameter.data]).toEqual([0, 0, 0]);
      const bad = new SGD(engine, [parameter], { learningRate: () => -1 });
      refused(() => bad.step([engine.tensor([2])]), value, "SGD: learningRate must return finite numbers of at least 0, got -1"); // prettier-ignore
      expect([bad.steps, ...parameter.data]).toEqual([0, 0, 0]);
    });
  });

  it("gives its memory back", () => {
    const before = engine.memory.liveBytes;
    const parameter = engine.tensor([1000]);
    const optimizer = new Adam(engine, [parameter]);
    optimizer[Symbol.dispose]();
    parameter.dispose();
    expect(engine.memory.liveBytes).toBe(before);
  });
});
