import { describe, expect, it } from "vitest";
import { crossEntropy, crossEntropyProbabilities } from "../reference/crossEntropy.ts";
import { binaryCrossEntropyWithLogits } from "../reference/binaryCrossEntropyWithLogits.ts";
import { linear, linearGradients, relativeDistance } from "../reference/linear.ts";
import { engine, makeEngine, segments, tiles } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { expectSameBits } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import { linearLoss } from "../support/tolerance.ts";
import { transpose } from "../support/variants.ts";

const SIZES = [
  [1, 1, 1],
  [2, 3, 2],
  [5, 4, 7],
  [67, 19, 10],
  [130, 300, 9],
  [33, 65, 517],
  [70, 8, 1025],
] as const;

interface Problem {
  readonly rows: number;
  readonly features: number;
  readonly classes: number;
  readonly x: Float32Array;
  readonly w: Float32Array;
  readonly b: Float32Array;
}

function problem([rows, features, classes]: readonly [number, number, number]): Problem {
  const random = new Random(rows + features + classes);
  const x = random.normals(rows * features);
  const w = random.normals(classes * features, 1 / Math.sqrt(features));
  return { rows, features, classes, x, w, b: random.normals(classes) };
}

const layerOf = ({ rows, features, classes, x, w, b }: Problem) => ({
  input: { data: x, shape: [rows, features] },
  weight: { data: w, shape: [classes, features] },
  bias: b,
});

const numbers = (array: { data: ArrayLike<number> } | undefined) => array!.data as Float32Array;

describe("linearCrossEntropy: values", () => {
  it("two features, three classes, by hand", () => {
    const layer = { input: [[1, 2]], weight: [[1, 0], [0, 1], [1, 1]], bias: [0, 0, 0] }; // prettier-ignore
    const { loss, grad } = engine.linearCrossEntropy(layer, [2], { grad: true });
    const total = Math.exp(1) + Math.exp(2) + Math.exp(3);
    expect(loss).toBeCloseTo(Math.log(total) - 3, 6);
    const p = [1, 2, 3].map((z) => Math.exp(z) / total);
    const g = [p[0], p[1], p[2] - 1];
    expect(Array.from(grad.bias.data)).toEqual(g.map((each) => expect.closeTo(each, 6)));
    expect(Array.from(grad.input.data)).toEqual([
      expect.closeTo(g[0] + g[2], 6),
      expect.closeTo(g[1] + g[2], 6),
    ]);
    const wanted = g.flatMap((each) => [each, 2 * each]).map((each) => expect.closeTo(each, 6));
    expect(Array.from(grad.weight.data)).toEqual(wanted);
  });

  it("without rows: NaN or 0, and gradients of 0", () => {
    const layer = { input: { data: new Float32Array(0), shape: [0, 2] }, weight: [[1, 2]] };
    const { loss, grad } = engine.linearCrossEntropy(layer, new Int32Array(0), { grad: true });
    expect(loss).toBeNaN();
    expect(grad.weight.data).toEqual(Float32Array.of(0, 0));
    expect(grad.input.data).toHaveLength(0);
  });
});

describe("linearCrossEntropy: reference", () => {
  it.each(SIZES)("%i × %i × %i: loss and gradients within 1e-5 of float64", (...size) => {
    const given = problem(size);
    const targets = new Random(1).indices(given.rows, given.classes, 0.1);
    targets[0] = 0;
    const options = { labelSmoothing: 0.1, weight: new Random(2).uniforms(given.classes, 0.5, 2) };
    const z = linear(given.x, given.w, given.b, given);
    const truth = crossEntropy(z, [given.rows, given.classes], targets, options);
    const slopes = linearGradients(given.x, given.w, truth.grad, given);
    for (const each of [engine, segments, tiles]) {
      const got = each.linearCrossEntropy(layerOf(given), targets, { ...options, grad: true });
      expect(Math.abs(got.loss - (truth.loss as number))).toBeLessThan(
        linearLoss * Math.max(0.1, truth.loss as number),
      );
      expect(got.count).toBe(targets.filter((y) => y >= 0).length);
      for (const name of ["input", "weight", "bias"] as const) {
        const distance = relativeDistance(numbers(got.grad[name]), slopes[name]);
        if (given.classes > 1) expect(distance).toBeLessThan(linearLoss);
      }
    }
  });

  it("probabilities, z-loss, soft cap, temperature and masks as crossEntropy of the same logits", () => {
    const given = problem([67, 19, 10]);
    const q = {
      data: new Random(3).probabilities(67, 10),
      shape: [67, 10],
    };
    const logits = {
      data: Float32Array.from(linear(given.x, given.w, given.b, given)),
      shape: [67, 10],
    };
    const classMask = [1, 1, 0, 1, 1, 1, 1, 0, 1, 1];
    const rowMask = Array.from({ length: 67 }, (_, i) => i % 3 !== 1);
    const kept = Int32Array.from({ length: 67 }, (_, i) => [0, 1, 3, 8][i % 4]);
    for (const [targets, options] of [
      [q, { zLoss: 0.01, gradTemperature: true, temperature: 1.5 }],
      [q, { softcap: 2, reduction: "sum", upstream: 3 }],
      [kept, { classMask, rowMask, labelSmoothing: 0.2 }],
      [kept, { reduction: "none", upstream: new Random(4).uniforms(67), temperature: 0.5 }],
    ] as const) {
      const got = engine.linearCrossEntropy(layerOf(given), targets, { ...options, grad: true });
      const want = engine.crossEntropy(logits, targets, { ...options, grad: true });
      expect(relativeDistance([got.lossSum], [want.lossSum])).toBeLessThan(linearLoss);
      const slopes = linearGradients(given.x, given.w, numbers(want.grad), given);
      for (const name of ["input", "weight", "bias"] as const) {
        expect(relativeDistance(numbers(got.grad[name]), slopes[name])).toBeLessThan(linearLoss);
      }
      if ("gradTemperature" in options) {
        const [slope, truth] = [got, want].map((each) => each.gradTemperature as number);
        expect(relativeDistance([slope!], [truth!])).toBeLessThan(linearLoss);
      }
    }
    const truth = crossEntropyProbabilities(logits.data, [67, 10], q.data);
    const { loss } = engine.linearCrossEntropy(layerOf(given), q);
    expect(relativeDistance([loss], [truth.loss as number])).toBeLessThan(linearLoss);
  });

  it("the binary loss within 1e-5 of float64", () => {
    for (const size of [
      [5, 4, 3],
      [67, 19, 10],
      [300, 40, 33],
    ] as const) {
      // prettier-ignore
      const given = problem(size);
      const labels = new Random(5).uniforms(given.rows * given.classes).map(Math.round);
      const options = { labelSmoothing: 0.1 };
      const z = linear(given.x, given.w, given.b, given);
      const truth = binaryCrossEntropyWithLogits(z, [given.rows, given.classes], labels, options);
      const slopes = linearGradients(given.x, given.w, truth.grad, given);
      const got = engine.linearBinaryCrossEntropyWithLogits(layerOf(given), labels, {
        ...options,
        grad: true,
      });
      expect(relativeDistance([got.loss], [truth.loss as number])).toBeLessThan(linearLoss);
      for (const name of ["input", "weight", "bias"] as const) {
        expect(relativeDistance(numbers(got.grad[name]), slopes[name])).toBeLessThan(linearLoss);
      }
    }
  });
});

describe("linearCrossEntropy: identities", () => {
  it("a row gives the same bits alone and in any batch", () => {
    const given = problem([70, 8, 1025]);
    const targets = new Random(6).indices(70, 1025);
    const run = (from: number, rows: number) =>
      engine.linearCrossEntropy(
        {
          ...layerOf(given),
          input: { data: given.x.subarray(from * 8, (from + rows) * 8), shape: [rows, 8] },
        },
        targets.subarray(from, from + rows),
        { reduction: "none", grad: { input: true } },
      );
    const whole = run(0, 70);
    for (const [from, rows] of [
      [0, 1],
      [3, 2],
      [10, 45],
      [69, 1],
    ] as const) {
      // prettier-ignore
      const part = run(from, rows);
      expectSameBits(part.loss, whole.loss.slice(from, from + rows));
      expectSameBits(numbers(part.grad.input), numbers(whole.grad.input).slice(from * 8, (from + rows) * 8)); // prettier-ignore
    }
  });

  it("arrays and tensors, weight by class and by feature, halves: the same bits where values are the same", () => {
    const given = problem([67, 19, 10]);
    const targets = new Random(7).indices(67, 10);
    const plain = engine.linearCrossEntropy(layerOf(given), targets, { grad: true });
    engine.scope(() => {
      const tensorOf = (data: Float32Array, shape: number[]) => {
        const tensor = engine.tensor(shape);
        tensor.data.set(data);
        return tensor;
      };
      const resident = engine.linearCrossEntropy(
        {
          input: tensorOf(given.x, [67, 19]),
          weight: tensorOf(given.w, [10, 19]),
          bias: tensorOf(given.b, [10]),
        },
        targets,
        { grad: true },
      );
      const byFeature = engine.linearCrossEntropy(
        { ...layerOf(given), weight: { data: transpose(given.w, 10, 19), shape: [19, 10] } },
        targets,
        { grad: true, weightLayout: "DC" },
      );
      for (const got of [resident, byFeature]) {
        expect(got.loss).toBe(plain.loss);
        expectSameBits(numbers(got.grad.input), numbers(plain.grad.input));
        expectSameBits(numbers(got.grad.bias), numbers(plain.grad.bias));
      }
      expectSameBits(resident.grad.weight.data, numbers(plain.grad.weight));
      expectSameBits(transpose(numbers(byFeature.grad.weight), 19, 10), numbers(plain.grad.weight));
      const out = { weight: tensorOf(given.w, [10, 19]), bias: new Float32Array(10) };
      const placed = engine.linearCrossEntropy(layerOf(given), targets, { grad: out });
      expect(placed.grad.weight).toBe(out.weight);
      expectSameBits(out.weight.data, numbers(plain.grad.weight));
      expectSameBits(out.bias, numbers(plain.grad.bias));
    });
  });

  it("several chunks, by many classes and by many features, give each row's loss as one call a row", () => {
    for (const size of [
      [60, 3, 50021],
      [150, 2600, 5],
    ] as const) {
      // prettier-ignore
      const given = problem(size);
      const { rows, features, classes } = given;
      const targets = new Random(8).indices(rows, classes);
      const options = { reduction: "none", grad: { weight: true, bias: true } } as const;
      const whole = engine.linearCrossEntropy(layerOf(given), targets, options);
      const weight = new Float64Array(classes * features);
      for (let i = 0; i < rows; i++) {
        const input = {
          data: given.x.subarray(i * features, (i + 1) * features),
          shape: [1, features],
        };
        const one = engine.linearCrossEntropy({ ...layerOf(given), input }, [targets[i]], options);
        expectSameBits(one.loss, whole.loss.slice(i, i + 1));
        numbers(one.grad.weight).forEach((slope, j) => (weight[j]! += slope));
      }
      expect(relativeDistance(numbers(whole.grad.weight), weight)).toBeLessThan(linearLoss);
    }
  });

  it("linearScore is score of the logits", () => {
    const given = problem([70, 8, 1025]);
    const targets = new Random(9).indices(70, 1025, 0.1);
    const logits = engine.tensor([70, 1025]);
    const z = linear(given.x, given.w, given.b, given);
    logits.data.set(z);
    const truth = engine.score(logits, targets, { topK: 3 });
    const got = engine.linearScore(layerOf(given), targets, { topK: 3 });
    expect(Array.from(got.argmax)).toEqual(Array.from(truth.argmax));
    expect(Array.from(got.topK.indices.data)).toEqual(Array.from(truth.topK.indices.data));
    expect(Array.from(got.rank)).toEqual(Array.from(truth.rank));
    got.targetLogprob.forEach((value, i) => {
      if (targets[i] < 0) expect(value).toBeNaN();
      else expect(Math.abs(value - truth.targetLogprob[i])).toBeLessThan(1e-5);
    });
    expect(engine.linearScore(layerOf(given), null, { temperature: 2 }).entropy).toHaveLength(70);
    logits.dispose();
  });
});

describe("linearCrossEntropy: errors", () => {
  const layer = { input: [[1, 2]], weight: [[1, 0], [0, 1]], bias: [0, 0] }; // prettier-ignore

  it.each([
    [{ ...layer, weight: [[1, 0, 3]] }, [0], {}, "ERR_SHAPE", 'weight must have shape [classes, 2] with weightLayout "CD", got shape [1, 3]'],
    [{ ...layer, weight: [[1, 0, 3]] }, [0], { weightLayout: "DC" }, "ERR_SHAPE", 'weight must have shape [2, classes] with weightLayout "DC", got shape [1, 3]'],
    [{ ...layer, bias: [1] }, [0], {}, "ERR_SHAPE", "bias must have shape [2], got shape [1]"],
    [layer, [0, 1], {}, "ERR_SHAPE", "targets.length must be the number of rows of logits [1, 2] = 1, got 2"],
    [layer, [2], {}, "ERR_TARGET_RANGE", "targets[0] must be in [0, 2) or ignoreIndex (-100), got 2"],
    [layer, [0], { weightLayout: "CN" }, "ERR_ARGUMENT_VALUE", 'weightLayout must be "CD" or "DC", got "CN"'],
    [layer, [0], { axis: 0 }, "ERR_ARGUMENT_TYPE", 'axis must be a known option, got "axis"; known: '],
    [layer, [0], { grad: { input: "inPlace" } }, "ERR_ARGUMENT_TYPE", 'grad.input must be a Float32Array or float32 Tensor of at least 2 elements, got "inPlace"'],
    [{ input: [[1]], weight: [[1]] }, [0], { grad: { bias: true } }, "ERR_ARGUMENT_VALUE", "grad.bias must have a bias, got none"],
    [{ ...layer, weigth: 1 }, [0], {}, "ERR_ARGUMENT_TYPE", 'weigth must be a known option, got "weigth"; did you mean weight?'],
    [null, [0], {}, "ERR_ARGUMENT_TYPE", "layer must be { input, weight, bias }, got null"],
  ])("%#: %s", (given, targets, options, code, message) => {
    const call = () => engine.linearCrossEntropy(given as never, targets, options as object);
    if (message.endsWith("known: ")) expect(call).toThrow(message);
    else expectError(call, code as never, `linearCrossEntropy: ${message}`);
  }); // prettier-ignore

  it("a refused call writes nothing, and gradients may not lie over inputs", () => {
    engine.scope(() => {
      const weight = engine.tensor([2, 2]);
      weight.data.fill(3);
      const given = { ...layer, weight };
      expect(() => engine.linearCrossEntropy(given, [0], { grad: { weight } })).toThrow(
        "grad.weight must not overlap another argument",
      );
      const out = engine.tensor([2, 2]);
      out.data.fill(7);
      expect(() => engine.linearCrossEntropy(given, [5], { grad: { weight: out } })).toThrow(
        "targets[0] must be in [0, 2)",
      );
      expect(Array.from(out.data)).toEqual([7, 7, 7, 7]);
      expect(Array.from(weight.data)).toEqual([3, 3, 3, 3]);
    });
  });

  it("NaN in a row of input is that row's loss", () => {
    const input = [[1, 2], [NaN, 1], [0, 1]]; // prettier-ignore
    const { loss } = engine.linearCrossEntropy({ ...layer, input }, [0, 1, 0], {
      reduction: "none",
    });
    expect(Array.from(loss, Number.isNaN)).toEqual([false, true, false]);
  });
});

describe("linearCrossEntropy: memory", () => {
  it("768 features and 32000 classes: at most 16 MB of linear memory beyond inputs and gradients", () => {
    // Two chunks of rows: more rows need no more memory (npm run bench -- linearCrossEntropy: 4096).
    const [rows, features, classes] = [80, 768, 32000];
    const own = makeEngine();
    const make = () => ({
      input: own.tensor([rows, features]),
      weight: own.tensor([classes, features]),
      bias: own.tensor([classes]),
    });
    const [layer, grad] = [make(), make()];
    const { heldBytes, liveBytes } = own.memory;
    own.linearCrossEntropy(layer, new Int32Array(rows), { grad });
    expect(own.memory.liveBytes).toBe(liveBytes);
    expect(own.memory.heldBytes - heldBytes).toBeLessThanOrEqual(16 * 2 ** 20);
    own.dispose();
  });
});
