import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { unzipSync } from "fflate";
import { describe, expect, it, test } from "vitest";
import { createEngine } from "../../src/index.ts";
import {
  createRowWriter,
  openRows,
  writeNpy,
  writeNpz,
  writeRows,
  writeSafetensors,
} from "../../src/io/index.ts";
import { LABELS, LOGITS, allOf, fixture, temporaryFolder } from "./folder.ts";

const folder = temporaryFolder();
const logits = { data: Float32Array.from(LOGITS), shape: [7, 3] };
const labels = { data: BigInt64Array.from(LABELS, BigInt), shape: [7] };

describe("what is written is read back", () => {
  const arrays = [
    new Float32Array([1.5, -0, NaN, Infinity]),
    new Float64Array([Math.PI, -1e-300, 2, 3]),
    new Int8Array([-128, 127, 0, 1]),
    new Uint8Array([0, 255, 1, 2]),
    new Int16Array([-32768, 32767, 0, 1]),
    new Uint16Array([0, 65535, 1, 2]),
    new Int32Array([-(2 ** 31), 2 ** 31 - 1, 0, 1]),
    new Uint32Array([0, 2 ** 32 - 1, 1, 2]),
    new BigInt64Array([-(2n ** 63n), 2n ** 63n - 1n, 0n, 1n]),
    new BigUint64Array([0n, 2n ** 64n - 1n, 1n, 2n]),
  ];
  test.each(arrays.map((data) => [data.constructor.name, data] as const))(
    "%s",
    async (_n, data) => {
      const block = { data, shape: [2, 2] };
      await writeNpy(folder.at("a.npy"), block);
      await writeNpz(folder.at("a.npz"), { a: block });
      await writeSafetensors(folder.at("a.safetensors"), { a: block });
      for (const name of ["a.npy", "a.npz", "a.safetensors"]) {
        for await (const read of openRows(folder.at(name))) {
          expect(read.data).toEqual(data);
          expect(read.shape).toEqual([2, 2]);
        }
      }
    },
  );

  it("halves as bits, bfloat16 only where the format has it", async () => {
    const bits = new Uint16Array([0x3c00, 0x7e00, 0xfc00, 1]);
    for (const dtype of ["float16", "bfloat16"]) {
      await writeSafetensors(folder.at("h.safetensors"), { h: { data: bits, shape: [4], dtype } });
      for await (const read of openRows(folder.at("h.safetensors"))) {
        expect([read.dtype, read.data]).toEqual([dtype, bits]);
      }
    }
    const half = { data: bits, shape: [4], dtype: "bfloat16" };
    await expect(writeNpy(folder.at("h.npy"), half)).rejects.toThrow(/must have a NumPy type/);
    await expect(writeNpz(folder.at("h.npz"), { half })).rejects.toThrow(/must have a NumPy type/);
    expect(existsSync(folder.at("h.npy"))).toBe(false);
  });

  test.each(["b.npy", "b.safetensors", "b.csv", "b.tsv", "b.jsonl", "b.csv.gz", "b.jsonl.gz"])(
    "%s, block by block without the number of rows",
    async (name) => {
      await writeRows(folder.at(name), openRows(fixture("f4-little-c.npy"), { blockRows: 2 }));
      expect((await allOf(folder.at(name))).numbers).toEqual(LOGITS);
    },
  );

  it("compressed, where the number of rows is known; else an error and no file", async () => {
    const rows = openRows(fixture("f4-little-c.npy"), { blockRows: 2 });
    await writeRows(folder.at("known.npy.gz"), rows, { rows: 7 });
    expect((await allOf(folder.at("known.npy.gz"))).numbers).toEqual(LOGITS);
    const unknown = writeRows(folder.at("unknown.npy.gz"), rows);
    await expect(unknown).rejects.toThrow(/number of rows must be known before the first/);
    expect(existsSync(folder.at("unknown.npy.gz"))).toBe(false);
  });

  it("a result of an operation, and the same bytes each time", async () => {
    const result = createEngine().softmax([[1, 2], [3, 4]]); // prettier-ignore
    await writeNpy(folder.at("p.npy"), result);
    await writeNpz(folder.at("1.npz"), { p: result });
    await writeNpz(folder.at("2.npz"), { p: result });
    expect(readFileSync(folder.at("1.npz"))).toEqual(readFileSync(folder.at("2.npz")));
    for await (const { data } of openRows(folder.at("p.npy"))) expect(data).toEqual(result.data);
  });

  it("no rows at all", async () => {
    await writeRows(folder.at("none.npy"), []);
    expect((await openRows(folder.at("none.npy")).describe())[0].shape).toEqual([0]);
    await writeNpy(folder.at("none.npy"), { data: new Float32Array(0), shape: [0, 5] });
    expect((await openRows(folder.at("none.npy")).describe())[0].shape).toEqual([0, 5]);
  });
});

describe("the text of numbers", () => {
  it("has the fewest digits that give the same float32 back", async () => {
    const data = Float32Array.from([0.1, 1 / 3, 16777216, 1e-45, 3.4028234e38, -0.88079708]);
    await writeRows(folder.at("f.csv"), { data, shape: [6, 1] });
    expect(readFileSync(folder.at("f.csv"), "utf8").split("\n").slice(0, 3)).toEqual([
      "0.1",
      "0.33333334",
      "16777216",
    ]);
    expect((await allOf(folder.at("f.csv"))).numbers.map(Math.fround)).toEqual([...data]);
  });

  it("words what is not finite: nan, inf in tables, null in JSON", async () => {
    const block = { data: new Float64Array([NaN, Infinity, -Infinity]), shape: [1, 3] };
    await writeRows(folder.at("n.csv"), block, { header: ["a", 'b"', "c"] });
    expect(readFileSync(folder.at("n.csv"), "utf8")).toBe('a,"b""",c\nnan,inf,-inf\n');
    await writeRows(folder.at("n.jsonl"), block);
    expect(readFileSync(folder.at("n.jsonl"), "utf8")).toBe("[null,null,null]\n");
  });
});

describe("a file has its final name only when it is whole", () => {
  const drafts = () => readdirSync(path.dirname(folder.at("x"))).filter((n) => n.endsWith(".part"));

  it("while it is written, what was there before stays", async () => {
    const file = folder.put("kept.npy", "before");
    const writer = await createRowWriter(file);
    await writer.write(logits);
    expect([readFileSync(file, "utf8"), drafts().length]).toEqual(["before", 1]);
    await writer.finish();
    expect([(await allOf(file)).numbers, drafts()]).toEqual([LOGITS, []]);
    await expect(writer.write(logits)).rejects.toMatchObject({ code: "ERR_STATE" });
  });

  it("after an error of the source, nothing stays", async () => {
    const file = folder.put("source.csv", "before");
    await expect(
      writeRows(file, openRows([fixture("f4-little-c.npy"), fixture("labels-i1.npy")])),
    ).rejects.toThrow(/shape must be/);
    expect([readFileSync(file, "utf8"), drafts()]).toEqual(["before", []]);
  });

  it("rows of another shape or type are refused", async () => {
    const writer = await createRowWriter(folder.at("other.npy"));
    await writer.write(logits);
    await expect(writer.write(labels)).rejects.toMatchObject({ code: "ERR_SHAPE" });
    await writer.abandon();
    expect([existsSync(folder.at("other.npy")), drafts()]).toEqual([false, []]);
  });

  it("a folder that is not there, a name of no format, wrong arrays", async () => {
    await expect(writeNpy(folder.at("no/a.npy"), logits)).rejects.toThrow(/must be writable/);
    await expect(writeRows(folder.at("a.mat"), logits)).rejects.toThrow(/must end with .npy/);
    await expect(writeRows(folder.at("a.npz"), logits)).rejects.toThrow(/got .npz/);
    const wrong = { data: new Float32Array(5), shape: [2, 3] };
    await expect(writeNpy(folder.at("a.npy"), wrong)).rejects.toMatchObject({ code: "ERR_SHAPE" });
    await expect(writeNpy(folder.at("a.npy"), [{ data: [1] } as never])).rejects.toThrow(
      /typed array/,
    );
    expect(drafts()).toEqual([]);
  });
});

describe("other readers", () => {
  it("fflate unpacks our .npz into our .npy", async () => {
    await writeNpz(folder.at("u.npz"), { logits, labels });
    await writeNpy(folder.at("u.npy"), logits);
    const members = unzipSync(new Uint8Array(readFileSync(folder.at("u.npz"))));
    expect(Object.keys(members)).toEqual(["logits.npy", "labels.npy"]);
    const npz = Buffer.from(members["logits.npy"]);
    expect(npz.subarray(-84)).toEqual(readFileSync(folder.at("u.npy")).subarray(-84));
  });

  it(".safetensors follows its own rule: 8 bytes, JSON, data in order", async () => {
    await writeSafetensors(folder.at("s.safetensors"), { logits, labels });
    const bytes = readFileSync(folder.at("s.safetensors"));
    const length = Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.toString("utf8", 8, 8 + length));
    expect(header).toEqual({
      logits: { dtype: "F32", shape: [7, 3], data_offsets: [0, 84] },
      labels: { dtype: "I64", shape: [7], data_offsets: [84, 140] },
    });
    expect([length % 8, bytes.length]).toEqual([0, 8 + length + 140]);
  });

  const python = "/usr/bin/python3";
  const numpy = existsSync(python) && spawnSync(python, ["-c", "import numpy"]).status === 0;
  test.runIf(numpy)("NumPy, where it is installed", async () => {
    await writeNpy(folder.at("np.npy"), logits);
    await writeNpz(folder.at("np.npz"), { logits, labels });
    await writeRows(folder.at("np-rows.npy"), openRows(fixture("f2-big-c.npy"), { blockRows: 2 }));
    await writeRows(folder.at("np-rows.npy.gz"), logits);
    writeFileSync(folder.at("np-gz.npy"), gunzipSync(readFileSync(folder.at("np-rows.npy.gz"))));
    const script = [
      "import numpy, sys",
      "a, z, r, g = (numpy.load(name) for name in sys.argv[1:])",
      "want = numpy.arange(7)[:, None] - numpy.arange(3) / 4",
      "assert a.dtype == '<f4' and (a == want).all() and (g == want).all()",
      "assert (z['logits'] == want).all() and (z['labels'] == numpy.arange(7) % 3).all()",
      "assert r.dtype == '<f2' and r.shape == (7, 3) and (r == want).all()",
    ].join("\n");
    const files = ["np.npy", "np.npz", "np-rows.npy", "np-gz.npy"].map(folder.at);
    const { status, stderr } = spawnSync(python, ["-c", script, ...files], { encoding: "utf8" });
    expect([stderr, status]).toEqual(["", 0]);
  });
});
