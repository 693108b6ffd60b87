import { describe, expect, it } from "vitest";
import { LogitsError } from "../../src/errors.ts";
import { Adam } from "../../src/train/adam.ts";
import { LinearClassifier } from "../../src/train/classifier.ts";
import type { FitOptions } from "../../src/train/fitOptions.ts";
import { SGD } from "../../src/train/sgd.ts";
import { shuffler } from "../../src/train/shuffle.ts";
import { crossEntropy } from "../reference/crossEntropy.ts";
import { linear, linearGradients, relativeDistance } from "../reference/linear.ts";
import { engine, makeEngine } from "../support/engine.ts";
import { expectSameBits } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import { optimizerTrace } from "../support/tolerance.ts";
import { breastCancer, digits, featuresOf, iris } from "./datasets.ts";

/** Three clouds of four rows each, far apart. */
const clouds = (() => {
  const random = new Random(1);
  const centres = [[0, 4], [4, 0], [-4, -4]]; // prettier-ignore
  const rows = Array.from({ length: 12 }, (_, i) => centres[i % 3].map((v) => v + 0.3 * random.normal())); // prettier-ignore
  return { x: rows, y: Int32Array.from(rows, (_, i) => i % 3) };
})();
const NAMES = ["ätsch", "b", "c"];

async function refusal(fit: Promise<unknown>): Promise<LogitsError> {
  const error: unknown = await fit.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof LogitsError) return error;
  throw new Error(`not refused: ${String(error)}`, { cause: error });
}

describe("LinearClassifier: values", () => {
  it("softmax: indices, names in any order, probabilities, evaluation", async () => {
    const model = new LinearClassifier(engine, { l2: 0.01 });
    const result = await model.fit(clouds.x, clouds.y);
    expect(result.stopped).toBe("converged");
    expect(model.objective).toBe(result.objective);
    expect(model.classes).toEqual([0, 1, 2]);
    expect(model.weight.shape).toEqual([3, 2]);
    expect(model.bias.shape).toEqual([3]);
    const p = model.predictProba(clouds.x);
    expect(p.shape).toEqual([12, 3]);
    for (let i = 0; i < 12; i++) {
      expect(p.data[3 * i] + p.data[3 * i + 1] + p.data[3 * i + 2]).toBeCloseTo(1, 6);
    }
    const { loss, accuracy, count } = model.evaluate(clouds.x, clouds.y);
    expect([accuracy, count]).toEqual([1, 12]);
    expect(loss).toBeLessThan(0.1);
    const names = Array.from(clouds.y, (y) => NAMES[y]);
    const named = new LinearClassifier(engine, { l2: 0.01, classes: ["c", "ätsch", "b"] });
    await named.fit(clouds.x, names);
    expect(named.predict(clouds.x)).toEqual(names);
    expect(named.classes).toEqual(["c", "ätsch", "b"]);
    const sparse = new LinearClassifier(engine, { l2: 0.01 });
    await sparse.fit(
      clouds.x,
      Array.from(clouds.y, (y) => [70, 7, 300][y]),
    );
    expect(sparse.classes).toEqual([7, 70, 300]);
    expect(sparse.predict([[0, 4]])).toEqual([70]);
    const known = new LinearClassifier(engine, { l2: 0.01, classes: 3 });
    await known.fit(clouds.x, clouds.y);
    expect(known.predict(clouds.x)).toEqual(clouds.y);
  });

  it("binary is softmax of two classes: half the penalty, twice the difference", async () => {
    const y = clouds.y.map((c) => (c === 2 ? 1 : 0));
    const binary = new LinearClassifier(engine, { kind: "binary", classes: 2, l2: 0.02 });
    await binary.fit(clouds.x, y);
    const both = new LinearClassifier(engine, { classes: 2, l2: 0.04 });
    await both.fit(clouds.x, y);
    const w = both.weight.data;
    const difference = Float64Array.of(w[2] - w[0], w[3] - w[1]);
    expect(relativeDistance(binary.weight.data, difference)).toBeLessThan(1e-3);
    expect(binary.predict(clouds.x)).toEqual(y);
    const p = binary.predictProba(clouds.x);
    expect(p.shape).toEqual([12, 2]);
    expect(p.data[0] + p.data[1]).toBeCloseTo(1, 6);
    expect(binary.evaluate(clouds.x, y).accuracy).toBe(1);
  });

  it("multiLabel: each label on its own", async () => {
    const labels = Array.from(clouds.y, (c) => [c === 0 ? 1 : 0, c === 2 ? 0 : 1]);
    const model = new LinearClassifier(engine, { kind: "multiLabel", l2: 1e-3 });
    await model.fit(clouds.x, labels);
    expect(Array.from(model.predict(clouds.x))).toEqual(labels.flat());
    expect(model.predictProba(clouds.x).shape).toEqual([12, 2]);
    expect(model.evaluate(clouds.x, labels)).toMatchObject({ accuracy: 1, count: 12 });
  });

  it("class weights are repeated rows; balanced weights are rows / (classes · rows of the class)", async () => {
    const rows = [0, 1, 2, 3, 4].map((i) => clouds.x[i]);
    const y = [0, 1, 2, 0, 1];
    const weighted = new LinearClassifier(engine, { classes: 3, l2: 0.1, classWeight: [2, 1, 1] });
    await weighted.fit(rows, y);
    const repeated = new LinearClassifier(engine, { classes: 3, l2: 0.1 });
    await repeated.fit([...rows, rows[0], rows[3]], [...y, 0, 0]);
    expect(relativeDistance(weighted.weight.data, repeated.weight.data)).toBeLessThan(1e-3);
    const balanced = new LinearClassifier(engine, { classes: 3, l2: 0.1, classWeight: "balanced" });
    await balanced.fit(rows, y);
    const same = new LinearClassifier(engine, { classes: 3, l2: 0.1, classWeight: [5 / 6, 5 / 6, 5 / 3] }); // prettier-ignore
    await same.fit(rows, y);
    expectSameBits(balanced.weight.data, same.weight.data);
    const binary = { kind: "binary", classes: 2, l2: 0.1 } as const;
    const one = new LinearClassifier(engine, { ...binary, classWeight: [2, 1] });
    await one.fit(rows, [0, 1, 1, 0, 1]);
    const two = new LinearClassifier(engine, binary);
    await two.fit([...rows, rows[0], rows[3]], [0, 1, 1, 0, 1, 0, 0]);
    expect(relativeDistance(one.weight.data, two.weight.data)).toBeLessThan(1e-3);
  });
});

describe("LinearClassifier: mini-batches", () => {
  it("two epochs are those of float64, the last batch short and weighted by its rows", async () => {
    const sizes = { rows: 12, features: 2, classes: 3 };
    const theta = { w: new Float64Array(6), b: new Float64Array(3) };
    const order = Uint32Array.from({ length: 12 }, (_, i) => i);
    const shuffle = shuffler(7);
    for (let epoch = 0; epoch < 2; epoch++) {
      shuffle(order);
      for (let at = 0; at < 12; at += 5) {
        const batch = Array.from(order.subarray(at, at + 5));
        const x = Float64Array.from(batch.flatMap((i) => clouds.x[i]), Math.fround); // prettier-ignore
        const here = { ...sizes, rows: batch.length };
        const z = linear(x, theta.w, theta.b, here);
        const { grad } = crossEntropy(z, [batch.length, 3], batch.map((i) => clouds.y[i])); // prettier-ignore
        const slopes = linearGradients(x, theta.w, grad, here);
        theta.w.forEach((w, j) => (theta.w[j] -= 0.1 * (slopes.weight[j] + 0.05 * w)));
        theta.b.forEach((_b, c) => (theta.b[c] -= 0.1 * slopes.bias[c]));
      }
    }
    const model = new LinearClassifier(engine, { classes: 3, l2: 0.05, optimizer: "sgd" });
    const fit = { learningRate: 0.1, batchSize: 5, epochs: 2, seed: 7 };
    const result = await model.fit(clouds.x, clouds.y, fit);
    expect(result).toMatchObject({ epochs: 2, steps: 6, stopped: "epochs" });
    expect(relativeDistance(model.weight.data, theta.w)).toBeLessThan(optimizerTrace);
    expect(relativeDistance(model.bias.data, theta.b)).toBeLessThan(optimizerTrace);
  });

  it("Adam and AdamW learn the digits; the same seed gives the same bits, another one others", async () => {
    const fit = async (optimizer: FitOptions["optimizer"], seed: number) => {
      const model = new LinearClassifier(engine, { classes: 10, optimizer });
      await model.fit(featuresOf(digits), digits.y, { epochs: 3, batchSize: 50, learningRate: 0.02, seed }); // prettier-ignore
      return model;
    };
    const model = await fit("adam", 1);
    expect(model.evaluate(featuresOf(digits), digits.y).accuracy).toBeGreaterThan(0.93);
    expectSameBits((await fit("adam", 1)).weight.data, model.weight.data);
    expect((await fit("adam", 2)).weight.data).not.toEqual(model.weight.data);
    const own = new LinearClassifier(engine, { classes: 10 });
    const optimizer: FitOptions["optimizer"] = (e, p) => new Adam(e, p, { learningRate: 0.02 });
    await own.fit(featuresOf(digits), digits.y, { epochs: 3, batchSize: 50, seed: 1, optimizer });
    expectSameBits(own.weight.data, model.weight.data);
    const decayed = await fit("adamw", 1);
    expect(decayed.evaluate(featuresOf(digits), digits.y).accuracy).toBeGreaterThan(0.93);
  });

  it("a batch larger than the data is one of all", async () => {
    const fit = async (batchSize: number) => {
      const model = new LinearClassifier(engine, { classes: 3, optimizer: "sgd" });
      const { steps } = await model.fit(clouds.x, clouds.y, { batchSize, epochs: 4, learningRate: 0.1 }); // prettier-ignore
      return { steps, weight: model.weight.data };
    };
    const [all, more] = [await fit(12), await fit(1000)];
    expect([all.steps, more.steps]).toEqual([4, 4]);
    expectSameBits(all.weight, more.weight);
  });

  it("validation is told after every epoch; early stopping takes the best parameters", async () => {
    const losses: number[] = [];
    const model = new LinearClassifier(engine, { classes: 3, optimizer: "sgd" });
    const wrong = clouds.y.map((y) => (y + 1) % 3); // learning makes this worse
    const result = await model.fit(clouds.x, clouds.y, {
      learningRate: 0.1,
      epochs: 50,
      validation: { features: clouds.x, targets: wrong },
      earlyStopping: { patience: 3 },
      onProgress: ({ validation }) => losses.push(validation!.loss),
    });
    expect(result).toMatchObject({ stopped: "earlyStopping", epochs: 4 });
    expect(losses).toHaveLength(4);
    expect(model.evaluate(clouds.x, wrong).loss).toBeCloseTo(losses[0], 6);
  });

  it("warm start goes on where the last fit ended", async () => {
    const model = new LinearClassifier(engine, { classes: 3, l2: 0.01, standardize: true, warmStart: true }); // prettier-ignore
    const first = await model.fit(featuresOf(iris), iris.y);
    const second = await model.fit(featuresOf(iris), iris.y);
    expect(second.steps).toBeLessThan(first.steps / 3);
    expect(Math.abs(second.objective - first.objective)).toBeLessThan(1e-6 * first.objective);
  });

  it("a stream of batches, given anew for each epoch, is those steps one after the other", async () => {
    const parts = [[0, 5], [5, 12]].map(([from, to]) => ({ features: clouds.x.slice(from, to), targets: clouds.y.slice(from, to) })); // prettier-ignore
    async function* batches() {
      for (const part of parts) yield await Promise.resolve(part);
    }
    const model = new LinearClassifier(engine, { classes: 3, l2: 0.05, optimizer: "sgd" });
    const result = await model.fitStream(batches, { epochs: 2, learningRate: 0.1 });
    expect(result).toMatchObject({ epochs: 2, steps: 4, objective: NaN, stopped: "epochs" });
    const warm = new LinearClassifier(engine, { classes: 3, l2: 0.05, optimizer: "sgd", warmStart: true }); // prettier-ignore
    for (let epoch = 0; epoch < 2; epoch++) {
      for (const { features, targets } of parts) {
        await warm.fit(features, targets, { epochs: 1, batchSize: 12, learningRate: 0.1 });
      }
    }
    expect(relativeDistance(model.weight.data, warm.weight.data)).toBeLessThan(1e-5);
    const once = new LinearClassifier(engine, { classes: 3 });
    await once.fitStream(batches());
    expect(once.weight.data.every(Number.isFinite)).toBe(true);
  });
});

describe("LinearClassifier: save and load", () => {
  it("the same predictions, names and scaling; a file of safetensors", async () => {
    const model = new LinearClassifier(engine, { classes: NAMES, l2: 0.01, standardize: true });
    await model.fit(
      clouds.x,
      Array.from(clouds.y, (y) => NAMES[y]),
    );
    const bytes = model.save();
    const length = new DataView(bytes.buffer).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    expect(header.weight).toMatchObject({ dtype: "F32", shape: [3, 2] });
    expect(header).toMatchObject({ __metadata__: { kind: "softmax" } });
    const loaded = LinearClassifier.load(engine, bytes, { warmStart: true });
    expect(loaded.classes).toEqual(NAMES);
    expect(loaded.objective).toBe(model.objective);
    expectSameBits(loaded.predictLogits(clouds.x).data, model.predictLogits(clouds.x).data);
    const { steps } = await loaded.fit(clouds.x, Array.from(clouds.y, (y) => NAMES[y]), { l2: 0.01 }); // prettier-ignore
    expect(steps).toBeLessThan(8);
  });

  it("bytes that are cut, changed or something else are ERR_FILE", async () => {
    const model = new LinearClassifier(engine, { kind: "binary", classes: 2, l2: 1 });
    await model.fit([[1], [2]], [0, 1]);
    const bytes = model.save();
    const load = (given: unknown) => LinearClassifier.load(engine, given as Uint8Array);
    const refused = (given: unknown, message: RegExp | string) => {
      const code = (() => {
        try {
          load(given);
          return "loaded";
        } catch (error) {
          expect((error as Error).message).toMatch(message);
          return (error as LogitsError).code;
        }
      })();
      expect(code).toBe("ERR_FILE");
    };
    for (let to = 0; to < bytes.length; to++) refused(bytes.subarray(0, to), /^load: bytes must/);
    const end = 8 + new DataView(bytes.buffer).getUint32(0, true);
    const text = new TextDecoder().decode(bytes.subarray(8, end));
    const changed = (from: string, to: string) => {
      const copy = bytes.slice();
      copy.set(new TextEncoder().encode(text.replace(from, to)), 8);
      return copy;
    };
    refused(changed('"binary"', '"brnary"'), "unknown kind");
    refused(changed("LinearClassifier.1", "LinearClassifier.2"), "another format");
    refused(changed('"features":"1"', '"features":"0"'), "number of features");
    refused(changed('"classes":"2"', '"classes":"x"'), "classes");
    refused(
      changed('"dtype":"F32","shape":[1,1]', '"dtype":"F64","shape":[1,1]'),
      "weight must be F32",
    );
    refused(
      changed('"shape":[1,1],"data_offsets":[0,4]', '"shape":[1,1],"data_offsets":[8,4]'),
      "weight",
    );
    refused("text", "a Uint8Array or ArrayBuffer");
    expect(load(bytes.slice().buffer).kind).toBe("binary");
    expect(load(bytes).predict([[1], [2]])).toEqual(Int32Array.of(0, 1));
  });
});

describe("LinearClassifier: errors", () => {
  const options = { classes: 3, l2: 0.1, optimizer: "adam" } as const;

  it.each([
    [clouds.x, [...clouds.y].map((y, i) => (i === 4 ? 3 : y)), {}, "ERR_TARGET_RANGE", "targets[4] must be an integer in [0, 3), got 3"],
    [clouds.x, [...clouds.y].map((y, i) => (i === 4 ? 1.5 : y)), {}, "ERR_TARGET_RANGE", "targets[4] must be an integer in [0, 3), got 1.5"],
    [clouds.x.map((row, i) => (i === 2 ? [1, NaN] : row)), clouds.y, {}, "ERR_ARGUMENT_VALUE", "features[2][1] must be finite, got NaN"],
    [clouds.x.map((row, i) => (i === 2 ? [Infinity, 1] : row)), clouds.y, {}, "ERR_ARGUMENT_VALUE", "features[2][0] must be finite, got Infinity"],
    [clouds.x, clouds.y.slice(1), {}, "ERR_SHAPE", "targets.length must be the number of rows of features = 12, got 11"],
    [{ data: new Float32Array(0), shape: [0, 2] }, [], {}, "ERR_SHAPE", "features must have at least one row, got none"],
    [clouds.x, clouds.y, { batchSize: 0 }, "ERR_ARGUMENT_VALUE", "batchSize must be an integer of at least 1, got 0"],
    [clouds.x, clouds.y, { learningRate: -1 }, "ERR_ARGUMENT_VALUE", "learningRate must be a finite number of at least 0, got -1"],
    [clouds.x, clouds.y, { learningRate: NaN }, "ERR_ARGUMENT_VALUE", "learningRate must be a finite number of at least 0, got NaN"],
    [clouds.x, clouds.y, { l2: -1 }, "ERR_ARGUMENT_VALUE", "l2 must be a finite number of at least 0, got -1"],
    [clouds.x, clouds.y, { epochs: 0 }, "ERR_ARGUMENT_VALUE", "epochs must be an integer of at least 1, got 0"],
    [clouds.x, clouds.y, { epoch: 3 }, "ERR_ARGUMENT_TYPE", 'epoch must be a known option, got "epoch"; did you mean epochs?'],
    [clouds.x, clouds.y, { optimizer: "rmsprop" }, "ERR_ARGUMENT_VALUE", 'optimizer must be "lbfgs" or "sgd" or "adam" or "adamw", got "rmsprop"'],
    [clouds.x, clouds.y, { optimizer: () => 1 }, "ERR_ARGUMENT_TYPE", "optimizer must return an optimizer of logits/train, got 1"],
    [clouds.x, clouds.y, { earlyStopping: { patience: 2 } }, "ERR_ARGUMENT_VALUE", "earlyStopping must come with validation, got none"],
    [clouds.x, clouds.y, { validation: { features: [[1]], targets: [0] } }, "ERR_SHAPE", "features must have shape [rows, 2], got shape [1, 1]"],
    [clouds.x, clouds.y, { signal: 1 }, "ERR_ARGUMENT_TYPE", "signal must be a object, got 1"],
    [clouds.x, "abc", {}, "ERR_ARGUMENT_TYPE", 'targets must be an array of class indices or names, got "abc"'],
  ])("%#: refused before anything changes", async (features, targets, fit, code, message) => {
    const model = new LinearClassifier(engine, options);
    await model.fit(clouds.x, clouds.y, { epochs: 2 });
    const { data } = model.weight;
    const before = engine.memory.liveBytes;
    const error = await refusal(model.fit(features as never, targets as never, fit as FitOptions));
    expect([error.code, error.message]).toEqual([code, `fit: ${message}`]);
    expectSameBits(model.weight.data, data);
    expect(engine.memory.liveBytes).toBe(before);
  }); // prettier-ignore

  it("wrong options of the classifier, and calls before a fit", async () => {
    const make = (given: object) => () => new LinearClassifier(engine, given);
    expect(make({ classes: 1 })).toThrow("LinearClassifier: classes must be an integer of at least 2, got 1"); // prettier-ignore
    expect(make({ classes: ["a", "a"] })).toThrow('LinearClassifier: classes[1] must be no name twice, got "a"'); // prettier-ignore
    expect(make({ kind: "binary", classes: 3 })).toThrow('classes must be 2 with kind "binary", got 3'); // prettier-ignore
    expect(make({ kind: "multiLabel", classWeight: "balanced" })).toThrow('classWeight must not be given with kind "multiLabel"'); // prettier-ignore
    expect(make({ l2: NaN })).toThrow("l2 must be a finite number of at least 0, got NaN");
    const model = new LinearClassifier(engine);
    expect(() => model.predict([[1]])).toThrow("predictLogits: the classifier was not fitted; call fit"); // prettier-ignore
    expect(() => model.save()).toThrow("save: the classifier was not fitted");
    const single = await refusal(model.fit([[1], [2]], [0, 0]));
    expect(single.message).toBe("fit: targets must hold at least two classes, got 1; pass classes to the classifier"); // prettier-ignore
    const named = new LinearClassifier(engine, { classes: ["a", "b"] });
    const unknown = await refusal(named.fit([[1], [2]], ["a", "x"]));
    expect(unknown.message).toBe('fit: targets[1] must be one of the 2 classes ("a", "b"), got "x"'); // prettier-ignore
    const labels = new LinearClassifier(engine, { kind: "multiLabel", classes: 2 });
    const outside = await refusal(labels.fit([[1], [2]], [[0, 1], [2, 0]])); // prettier-ignore
    expect(outside.message).toBe("fit: targets[1][0] must be in [0, 1], got 2");
    const weights = new LinearClassifier(engine, { classes: 2, classWeight: [1, -1] });
    expect((await refusal(weights.fit([[1], [2]], [0, 1]))).message).toBe("fit: classWeight[1] must be at least 0, got -1"); // prettier-ignore
    await named.fit([[1], [2]], ["a", "b"], { epochs: 1 });
    expect(() => named.predict([[1, 2]])).toThrow("predictLogits: features must have shape [rows, 1], got shape [1, 2]"); // prettier-ignore
    expect(() => named.evaluate([[1]], ["x"])).toThrow("evaluate: targets[0] must be one of");
  });

  it("streams: what they cannot do is refused", async () => {
    const batch = { features: [[1], [2]], targets: [0, 1] };
    const stream = (given: object, batches: unknown, fit?: object) =>
      refusal(new LinearClassifier(engine, given).fitStream(batches as never, fit));
    expect((await stream({}, [batch])).message).toBe("fitStream: classes must be given to the classifier, got a stream"); // prettier-ignore
    expect((await stream({ classes: 2 }, [])).message).toBe("fitStream: batches must bring at least one batch, got none"); // prettier-ignore
    expect((await stream({ classes: 2 }, [batch], { epochs: 2 })).message).toMatch("batches must be a function"); // prettier-ignore
    expect((await stream({ classes: 2 }, [batch], { optimizer: "lbfgs" })).message).toMatch("optimizer must be one of mini-batches"); // prettier-ignore
    expect((await stream({ classes: 2, standardize: true }, [batch])).message).toMatch("standardize must come from an earlier fit"); // prettier-ignore
    const wide = { features: [[1, 2]], targets: [0] };
    expect((await stream({ classes: 2 }, [batch, wide])).message).toBe("fitStream: features must have shape [rows, 1], got shape [1, 2]"); // prettier-ignore
  });
});

describe("LinearClassifier: faults", () => {
  it("divergence stops at its step, with the last parameters that were good", async () => {
    for (const optimizer of ["sgd", "adam"] as const) {
      const model = new LinearClassifier(engine, { classes: 3, optimizer });
      const result = await model.fit(clouds.x, clouds.y, { learningRate: 1e38, batchSize: 4, epochs: 50 }); // prettier-ignore
      expect(result.stopped).toBe("diverged");
      expect(result.steps).toBeGreaterThan(0);
      expect(result.steps).toBeLessThan(150);
      expect([...model.weight.data, ...model.bias.data].every(Number.isFinite)).toBe(true);
      expect(Number.isFinite(result.objective)).toBe(true);
    }
    const still = new LinearClassifier(engine, { classes: 3, optimizer: "sgd" });
    await still.fit(clouds.x, clouds.y, { learningRate: 0 });
    expect([...still.weight.data]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it.each(["lbfgs", "adam"] as const)("%s: an aborted fit, or one whose callback throws, leaves the model as it was", async (optimizer) => {
    const model = new LinearClassifier(engine, { classes: 10, optimizer });
    await model.fit(featuresOf(digits), digits.y, { epochs: 2 });
    const { data } = model.weight;
    const before = engine.memory.liveBytes;
    const controller = new AbortController();
    const aborted = await refusal(
      model.fit(featuresOf(digits), digits.y, {
        signal: controller.signal,
        onProgress: ({ epoch }) => {
          if (epoch === 2) controller.abort(new Error("enough"));
        },
      }),
    );
    expect([aborted.code, aborted.cause]).toEqual(["ERR_ABORTED", new Error("enough")]);
    const late = model.fit(featuresOf(digits), digits.y, { signal: controller.signal });
    expect((await refusal(late)).message).toBe("fit: the fit was cancelled");
    const boom = new Error("boom");
    const thrown = model.fit(featuresOf(digits), digits.y, {
      onProgress() {
        throw boom;
      },
    });
    await expect(thrown).rejects.toBe(boom);
    expectSameBits(model.weight.data, data);
    expect(engine.memory.liveBytes).toBe(before);
  }); // prettier-ignore

  it("out of memory within a fit: a typed error, the model as it was, and the engine works on", async () => {
    const own = makeEngine({ maximumBytes: 2 * 2 ** 20 });
    const model = new LinearClassifier(own, { classes: 2, optimizer: "adam" });
    await model.fit([[1], [2]], [0, 1], { epochs: 1 });
    const { data } = model.weight;
    const { liveBytes } = own.memory;
    const large = { data: new Float32Array(2 ** 20), shape: [2 ** 20, 1] };
    for (const optimizer of ["adam", "lbfgs"] as const) {
      const error = await refusal(model.fit(large, new Int32Array(2 ** 20), { optimizer }));
      expect(error.code).toBe("ERR_OUT_OF_MEMORY");
      expect(own.memory.liveBytes).toBe(liveBytes);
    }
    expectSameBits(model.weight.data, data);
    await model.fit([[1], [2]], [0, 1], { epochs: 1 });
  });

  it("one fit at a time; an engine disposed in the middle of one", async () => {
    const own = makeEngine();
    const model = new LinearClassifier(own, { classes: 10 });
    const first = model.fit(featuresOf(digits), digits.y);
    const second = await refusal(model.fit(featuresOf(digits), digits.y));
    expect(second.message).toBe("fit: a fit is under way; await it first");
    own.dispose();
    expect((await refusal(first)).code).toBe("ERR_STATE");
  });

  it("one class only, constant columns, duplicate rows, separable data without penalty: no NaN, and an end", async () => {
    const same = { data: new Float32Array(20).fill(3), shape: [10, 2] };
    for (const [x, y] of [
      [clouds.x, new Int32Array(12)],
      [same, Int32Array.from({ length: 10 }, (_, i) => i % 2)],
      [clouds.x, clouds.y],
    ] as const) {
      // prettier-ignore
      for (const kind of ["softmax", "binary"] as const) {
        const classes = kind === "binary" ? 2 : 3;
        const model = new LinearClassifier(engine, { kind, classes, standardize: true });
        const targets = kind === "binary" ? y.map((c) => Math.min(c, 1)) : y;
        const result = await model.fit(x, targets);
        expect(["converged", "epochs"]).toContain(result.stopped);
        expect([...model.weight.data, ...model.bias.data].every(Number.isFinite)).toBe(true);
        expect([...model.predictProba(x).data].every(Number.isFinite)).toBe(true);
      }
    }
  });

  it("other tasks get their turn while a long fit runs", async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const model = new LinearClassifier(engine, { classes: 10, optimizer: "sgd" });
    const start = performance.now();
    await model.fit(featuresOf(digits), digits.y, { epochs: 40, learningRate: 0.1 });
    clearInterval(timer);
    if (performance.now() - start > 100) expect(turns).toBeGreaterThan(2);
    const own = new LinearClassifier(engine, { kind: "binary", classes: 2, standardize: true, optimizer: (e, p) => new SGD(e, p, { learningRate: 0.1, momentum: 0.9 }) }); // prettier-ignore
    await own.fit(featuresOf(breastCancer), breastCancer.y, { epochs: 20 });
    expect(own.evaluate(featuresOf(breastCancer), breastCancer.y).accuracy).toBeGreaterThan(0.97);
  });
});
