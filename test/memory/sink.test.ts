import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import { GuardedRegion, guardedSize } from "../support/guard.ts";
import { expectSameBits } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import { engineOver, engineParts } from "../support/operations.ts";

const SHAPE = [4, 66, 65];
const SIZE = 17160;
const logits = { data: new Random(4).normals(SIZE, 3), shape: SHAPE };
const engines = [
  { tiles: "one tile", engine: createEngine() },
  {
    tiles: "small tiles",
    engine: engineOver(engineParts(), undefined, { tileElements: 20, rowElements: 1000 }),
  },
  {
    tiles: "segments",
    engine: engineOver(engineParts(), undefined, { tileElements: 20, rowElements: 64 }),
  },
];

describe.each(engines)("$tiles", ({ engine }) => {
  const calls = [
    {
      title: "softmax",
      call: (out: Float32Array | undefined, axis: number) =>
        engine.softmax(logits, { out, axis }).data,
    },
    {
      title: "logSoftmax",
      call: (out: Float32Array | undefined, axis: number) =>
        engine.logSoftmax(logits, { out, axis }).data,
    },
    {
      title: "sigmoid",
      call: (out: Float32Array | undefined) => engine.sigmoid(logits, { out }).data,
    },
    {
      title: "crossEntropy's grad",
      call: (out: Float32Array | undefined, axis: number) =>
        engine.crossEntropy(logits, new Uint8Array(SIZE / SHAPE[axis]), { axis, grad: out ?? true })
          .grad.data,
    },
  ];

  it.each(calls)("$title into `out` in the middle of a buffer writes that alone", ({ call }) => {
    for (const axis of [0, 1, 2]) {
      const expected = call(undefined, axis);
      for (const start of [16, 17, 18, 19]) {
        const region = new GuardedRegion(
          { data: new Float32Array(guardedSize(SIZE, 20)) },
          start,
          SIZE,
        );
        call(region.data, axis);
        region.check();
        expectSameBits(region.data, expected);
      }
    }
  });

  it.each(calls)("$title into a larger `out` writes the needed part only", ({ call }) => {
    const out = new Float32Array(SIZE + 9).fill(42);
    expect(call(out, 1)).toBe(out);
    expect(out.slice(SIZE)).toEqual(new Float32Array(9).fill(42));
    expectSameBits(out.slice(0, SIZE), call(undefined, 1));
  });

  it("into a larger tensor: its shape stays, the rest of it too", () => {
    const out = engine.tensor([SIZE + 9]);
    out.data.fill(42);
    expect(engine.softmax(logits, { out, axis: 1 })).toBe(out);
    expect(out.shape).toEqual([SIZE + 9]);
    expect(out.data.slice(SIZE)).toEqual(new Float32Array(9).fill(42));
    expectSameBits(out.data.slice(0, SIZE), engine.softmax(logits, { axis: 1 }).data);
    out.dispose();
  });

  it("in place along every axis, in arrays and tensors", () => {
    for (const axis of [0, 1, 2]) {
      const targets = new Uint8Array(SIZE / SHAPE[axis]);
      const expected = [
        engine.softmax(logits, { axis }).data,
        engine.logSoftmax(logits, { axis }).data,
        engine.softplus(logits).data,
        engine.crossEntropy(logits, targets, { axis, grad: true }).grad.data,
      ];
      const inPlace = [
        (x: never) => engine.softmax(x, { axis, out: (x as typeof logits).data }),
        (x: never) => engine.logSoftmax(x, { axis, out: (x as typeof logits).data }),
        (x: never) => engine.softplus(x, { out: (x as typeof logits).data }),
        (x: never) => engine.crossEntropy(x, targets, { axis, grad: "inPlace" }),
      ];
      const inTensor = [
        (x: never) => engine.softmax(x, { axis, out: x }),
        (x: never) => engine.logSoftmax(x, { axis, out: x }),
        (x: never) => engine.softplus(x, { out: x }),
        (x: never) => engine.crossEntropy(x, targets, { axis, grad: x }),
      ];
      expected.forEach((truth, i) => {
        const data = logits.data.slice();
        inPlace[i]({ data, shape: SHAPE } as never);
        expectSameBits(data, truth);
        const tensor = engine.tensor(SHAPE);
        tensor.data.set(logits.data);
        inTensor[i](tensor as never);
        expectSameBits(tensor.data, truth);
        tensor.dispose();
      });
    }
  });
});
