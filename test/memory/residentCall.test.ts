/** Calls on tensors alone run without a plan: the same bits, the same errors, nothing on the heap. */
import process from "node:process";
import { describe, expect, it } from "vitest";
import { Arena } from "../../src/memory/arena.ts";
import { hasOnly } from "../../src/memory/residentCall.ts";
import { engine, makeEngine } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { expectSameBits } from "../support/matchers.ts";
import { engineOver, engineParts } from "../support/operations.ts";
import { Random } from "../support/random.ts";

const NAMES = ["softmax", "logSoftmax", "sigmoid", "logSigmoid", "softplus"] as const;

describe.each(NAMES)("%s of a tensor into a tensor", (name) => {
  it.each([[[]], [[16]], [[3, 70]], [[5, 1030]], [[0, 4]], [[40000, 2]], [[2, 3, 5]]])(
    "shape %j: the bits of an array, in place too, a longer out keeps its end",
    (shape) => {
      engine.scope(() => {
        const x = engine.tensor(shape);
        x.data.set(new Random(3).normals(x.length, 5));
        const expected = engine[name]({ data: x.data.slice(), shape }).data;
        const out = engine.tensor([x.length + 2]);
        out.data.fill(-7);
        expect(engine[name](x, { out })).toBe(out);
        expectSameBits(out.data, [...expected, -7, -7]);
        expect(engine[name](x, { out: x })).toBe(x);
        expectSameBits(x.data, expected);
      });
    },
  );

  it("leaves nothing on the JavaScript heap", () => {
    engine.scope(() => {
      const x = engine.tensor([1, 16]);
      const options = { out: engine.tensor([1, 16]) };
      const calls = 20000;
      const run = (): number => {
        const before = process.memoryUsage().heapUsed;
        for (let i = 0; i < calls; i++) engine[name](x, options);
        return (process.memoryUsage().heapUsed - before) / calls;
      };
      run();
      // The least of several: compilers and collectors put things down at times of their own.
      const bytes = Math.min(...Array.from({ length: 10 }, () => Math.abs(run())));
      expect(bytes).toBeLessThan(8);
    });
  });
});

describe("what is not such a call goes to the plan", () => {
  it("knows options by own names", () => {
    const own = Object.create(null, { out: { enumerable: true } }) as object;
    for (const options of [undefined, {}, { out: 1 }, own]) {
      expect(hasOnly(options, "out")).toBe(true);
    }
    const inherited = Object.create({ out: 1 }) as object;
    const polluted = Object.assign(Object.create({ axis: 0 }) as object, { out: 1 });
    for (const options of [null, 1, [], inherited, polluted, { out: 1, axis: 0 }]) {
      expect(hasOnly(options, "out")).toBe(false);
    }
    expect(hasOnly({ out: 1, axis: 0 }, "out", ["axis"])).toBe(true);
  });

  it("reads out once", () => {
    engine.scope(() => {
      const x = engine.tensor([4]);
      for (const out of [engine.tensor([4]), new Float32Array(4)]) {
        let reads = 0;
        const options = {
          get out() {
            reads++;
            return out;
          },
        };
        engine.softmax(x, options as { out: Float32Array });
        expect(reads).toBe(1);
        expectSameBits(out instanceof Float32Array ? out : out.data, [0.25, 0.25, 0.25, 0.25]);
      }
    });
  });

  it("errors are the plan's", () => {
    const other = makeEngine();
    engine.scope(() => {
      const x = engine.tensor([2, 3]);
      const refused = (out: unknown, code: string, message: string): void => {
        expectError(() => engine.softmax(x, { out: out as Float32Array }), code as never, message);
      };
      const wanted =
        "softmax: out must be a Float32Array or float32 Tensor of at least 6 elements, got";
      refused(engine.tensor([5]), "ERR_SHAPE", `${wanted} a tensor of float32 with shape [5]`);
      const whole = engine.tensor([6], "int32");
      refused(whole, "ERR_ARGUMENT_TYPE", `${wanted} a tensor of int32 with shape [6]`);
      const foreign = other.tensor([6]);
      refused(
        foreign,
        "ERR_STATE",
        "softmax: out must be a tensor of this engine, got one of another engine; copy its data",
      );
      const gone = engine.tensor([6]);
      gone.dispose();
      refused(gone, "ERR_STATE", "softmax: out must be a live tensor, got one that was disposed");
    });
    const [x, out] = [other.tensor([2]), other.tensor([2])];
    other.dispose();
    expect(() => other.softmax(x, { out })).toThrow("this engine was disposed");
  });

  it("a trap breaks the engine", () => {
    const { kernels, ...parts } = engineParts();
    const trapping = (): never => {
      throw new WebAssembly.RuntimeError("unreachable");
    };
    const broken = engineOver(
      { ...parts, kernels: { ...kernels, softmaxRows: trapping } },
      new Arena(parts.memory, parts.heapBase),
    );
    const [x, out] = [broken.tensor([2]), broken.tensor([2])];
    expect(() => broken.softmax(x, { out })).toThrow("softmax: WebAssembly trapped");
    expect(() => broken.sigmoid(x, { out })).toThrow("broken by an earlier trap");
  });
});
