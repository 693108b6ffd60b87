import { readFileSync } from "node:fs";
import { deflateRawSync, gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import type { SchemaElement } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it, test } from "vitest";
import { createEngine } from "../../src/index.ts";
import { openRows } from "../../src/io/index.ts";
import { LABELS, LOGITS, allOf, blocksOf, fixture, temporaryFolder } from "./folder.ts";
import { npy, safetensors, zip } from "./hostileFiles.mjs";

const folder = temporaryFolder();
const BLOCK_ROWS = [undefined, 1, 2, 3, 7, 100];
const starts = (size = 100) => [0, 1, 2, 3, 4, 5, 6].filter((row) => row % size === 0);

describe(".npy as NumPy writes it", () => {
  const floats = { f2: "float16", f4: "float32", f8: "float64" };
  const cases = Object.entries(floats).flatMap(([code, dtype]) =>
    ["little-c", "little-fortran", "big-c", "big-fortran"].map((form) => [code, form, dtype]),
  );
  test.each(cases)("%s %s, in blocks of any size", async (code, form, dtype) => {
    for (const blockRows of BLOCK_ROWS) {
      expect(await allOf(fixture(`${code}-${form}.npy`), { blockRows })).toEqual({
        numbers: LOGITS,
        dtype,
        rowShape: [3],
        starts: starts(blockRows),
      });
    }
  });

  const integers = {
    i1: "int8",
    u1: "uint8",
    i2: "int16",
    u2: "uint16",
    i4: "int32",
    u4: "uint32",
  };
  const wide = { i8: "int64", u8: "uint64", "i8-big": "int64" };
  test.each(Object.entries({ ...integers, ...wide }))("labels as %s", async (code, dtype) => {
    const read = await allOf(fixture(`labels-${code}.npy`), { blockRows: 2 });
    expect(read).toEqual({ numbers: LABELS, dtype, rowShape: [], starts: [0, 2, 4, 6] });
  });

  it("of three dimensions in Fortran order", async () => {
    for (const blockRows of [1, 2, 5]) {
      const { numbers, rowShape } = await allOf(fixture("cube-fortran.npy"), { blockRows });
      expect(numbers).toEqual(Array.from({ length: 30 }, (_, i) => i));
      expect(rowShape).toEqual([2, 3]);
    }
  });

  it("with what follows the data left alone, and none of its rows where it has none", async () => {
    const dict = "{'shape': (2, 1), 'fortran_order': False, 'descr': '<i2'}";
    const file = folder.put("more.npy", Buffer.concat([npy(dict, 4), Buffer.from("more")]));
    expect((await allOf(file)).numbers).toEqual([0, 0]);
    expect(await blocksOf(folder.put("none.npy", npy(dict.replace("2", "0"))))).toEqual([]);
  });

  it("with NaN payloads as they are, also when bytes are swapped and columns turned", async () => {
    const dict = "{'descr': '>f4', 'fortran_order': True, 'shape': (2, 2), }";
    const bits = Buffer.from("7f800001ffc1234500000001ff812345", "hex");
    const file = folder.put("nan.npy", Buffer.concat([npy(dict), bits]));
    const [{ data }] = await blocksOf(file);
    expect([...new Uint32Array(data.buffer)]).toEqual([
      0x7f800001, 0x00000001, 0xffc12345, 0xff812345,
    ]);
  });
});

describe("containers", () => {
  test.each(["stored.npz", "deflated.npz", "three.safetensors"])("%s by name", async (name) => {
    const read = { numbers: LOGITS, dtype: "float32", rowShape: [3], starts: [0, 2, 4, 6] };
    expect(await allOf(fixture(name), { name: "logits", blockRows: 2 })).toEqual(read);
    const labels = await allOf(fixture(name), { name: "labels" });
    expect([labels.numbers, labels.dtype]).toEqual([LABELS, "int64"]);
  });

  it("bfloat16 as bits", async () => {
    const read = await allOf(fixture("three.safetensors"), { name: "half" });
    expect([read.numbers, read.dtype]).toEqual([LOGITS, "bfloat16"]);
  });

  it("zip files of another writer, and members one at a time", async () => {
    const member = new Uint8Array(readFileSync(fixture("f4-little-fortran.npy")));
    for (const level of [0, 9] as const) {
      const file = folder.put("other.npz", zipSync({ "a.npy": [member, { level }] }));
      expect((await allOf(file, { blockRows: 3 })).numbers).toEqual(LOGITS);
    }
    expect(
      (await allOf(folder.put("own.npz", zip("a.npy", deflateRawSync(member))))).numbers,
    ).toEqual(LOGITS);
  });

  it("tensors named as properties of objects", async () => {
    for (const name of ["__proto__", "constructor", ""]) {
      const entry = '{"dtype":"U8","shape":[2,1],"data_offsets":[0,2]}';
      const file = folder.put(
        "names.safetensors",
        safetensors(`{${JSON.stringify(name)}:${entry}}`, 2),
      );
      expect((await allOf(file, { name })).numbers).toEqual([0, 0]);
    }
  });

  it("empty tensors that share an offset, and unaligned data", async () => {
    const header = {
      b: { dtype: "U8", shape: [0], data_offsets: [0, 0] },
      a: { dtype: "U8", shape: [1], data_offsets: [0, 1] },
      c: { dtype: "F32", shape: [1, 1], data_offsets: [1, 5] },
    };
    const file = folder.put("shared.safetensors", safetensors(header, 5));
    expect((await allOf(file, { name: "c" })).numbers).toEqual([0]);
  });

  it("describe lists every tensor from the headers", async () => {
    const found = await openRows([
      fixture("three.safetensors"),
      fixture("f2-big-c.npy"),
    ]).describe();
    expect(found.map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
      ["labels", "int64", [7]],
      ["logits", "float32", [7, 3]],
      ["half", "bfloat16", [7, 3]],
      [undefined, "float16", [7, 3]],
    ]);
  });
});

describe("text", () => {
  const rows = { numbers: [1, -2.5, Infinity, 4], dtype: "float64", rowShape: [2] };
  test.each([
    ["plain.csv", "1,-2.5\ninf,4"],
    ["names.csv", "a,b\n1,-2.5\nInfinity,4\n"],
    ["mark.csv", '\ufeff"a","b"\r\n"1"," -2.5"\r\n\r\n+inf,4e0\r\n'],
    ["tabs.tsv", "a\tb\n1\t-2.5\ninf\t4\n"],
  ])("%s", async (name, text) => {
    expect(await allOf(folder.put(name, text))).toEqual({ ...rows, starts: [0] });
    expect(await allOf(folder.put(name, text), { blockRows: 1 })).toEqual({
      ...rows,
      starts: [0, 1],
    });
    expect(await allOf(folder.put(`${name}.gz`, gzipSync(text)))).toEqual({ ...rows, starts: [0] });
  });

  it("columns by name and number, text columns left out", async () => {
    const file = folder.put("mixed.csv", "id,0,label\nx,0.5,2\ny,1.5,1\n");
    expect((await allOf(file, { columns: ["label"] })).numbers).toEqual([2, 1]);
    expect((await allOf(file, { columns: [2, "0"] })).numbers).toEqual([2, 0.5, 1, 1.5]);
    expect((await allOf(folder.put("nan.csv", "1\nnan\n"), { allowNaN: true })).numbers).toEqual([
      1,
      NaN,
    ]);
    expect((await allOf(folder.put("no.csv", "5\n6\n"), { header: true })).numbers).toEqual([6]);
  });

  test.each([
    ["arrays", "[1,2]\n\n[3,4]", undefined, [2]],
    ["one field", '{"z":[1,2]}\r\n{"z":[3,4]}\n', undefined, [2]],
    ["a named field", '{"z":[1,2],"y":0}\n{"y":1,"z":[3,4]}\n', ["z"], [2]],
    ["several fields", '{"b":2,"a":1}\n{"a":3,"b":4}\n', ["a", "b"], [2]],
    ["numbers", "1\n2\n3\n4\n", undefined, []],
  ])("jsonl of %s", async (_title, text, columns, rowShape) => {
    const file = folder.put("rows.jsonl", text);
    expect(await allOf(file, { columns })).toMatchObject({ numbers: [1, 2, 3, 4], rowShape });
  });
});

describe("parquet", () => {
  const list = Array.from({ length: 7 }, (_, row) => LOGITS.slice(3 * row, 3 * row + 3));
  const column = (index: number) => Float32Array.from(list, (row) => row[index]);

  it("number columns over several row groups, in blocks of any size", async () => {
    const columnData = [
      { name: "a", data: column(0), type: "FLOAT" as const },
      { name: "b", data: column(1), type: "FLOAT" as const },
      { name: "c", data: column(2), type: "FLOAT" as const },
      { name: "label", data: LABELS.map(BigInt), type: "INT64" as const },
    ];
    const buffer = parquetWriteBuffer({ columnData, rowGroupSize: 3 });
    const file = folder.put("columns.parquet", new Uint8Array(buffer));
    for (const blockRows of BLOCK_ROWS) {
      const read = await allOf(file, { columns: ["a", "b", "c"], blockRows });
      expect(read).toMatchObject({ numbers: LOGITS, rowShape: [3], starts: starts(blockRows) });
    }
    expect((await allOf(file, { columns: ["label"] })).numbers).toEqual(LABELS);
    expect((await openRows(file).describe())[0].shape).toEqual([7, 4]);
    const absent = allOf(file, { columns: ["toString"] });
    await expect(absent).rejects.toThrow(
      /must have the column "toString", got "a", "b", "c", "label"/,
    );
  });

  it("what DuckDB wrote: lists, and a column a class (fixtures/write-duckdb.mjs)", async () => {
    const lists = fixture("duckdb-lists.parquet");
    const columns = fixture("duckdb-columns.parquet");
    for (const blockRows of BLOCK_ROWS) {
      const wanted = { numbers: LOGITS, rowShape: [3], starts: starts(blockRows) };
      expect(await allOf(lists, { columns: ["logits"], blockRows })).toMatchObject(wanted);
      expect(await allOf(columns, { columns: ["a", "b", "c"], blockRows })).toMatchObject(wanted);
    }
    for (const file of [lists, columns]) {
      expect((await allOf(file, { columns: ["label"] })).numbers).toEqual(LABELS);
    }
  });

  it("a column of lists", async () => {
    const schema = [
      { name: "root", num_children: 1 },
      { name: "z", repetition_type: "REQUIRED", num_children: 1, converted_type: "LIST" },
      { name: "list", repetition_type: "REPEATED", num_children: 1 },
      { name: "element", type: "FLOAT", repetition_type: "REQUIRED" },
    ] as SchemaElement[];
    const buffer = parquetWriteBuffer({ columnData: [{ name: "z", data: list }], schema });
    const file = folder.put("lists.parquet", new Uint8Array(buffer));
    expect(await allOf(file)).toMatchObject({ numbers: LOGITS, rowShape: [3] });
  });

  it("null is refused with its row", async () => {
    const write = (data: unknown[]) =>
      folder.put(
        "null.parquet",
        new Uint8Array(parquetWriteBuffer({ columnData: [{ name: "z", data }] })),
      );
    const bytes = write([0.5, null, 2]);
    await expect(allOf(bytes)).rejects.toThrow(/row 1, column "z": must be a number, got null/);
  });
});

describe("several files as one", () => {
  it("by a pattern, numbers in names by value, rows counted through", async () => {
    for (const part of [10, 2, 1]) folder.put(`part-${part}.jsonl`, `[${part}]\n[${part}]\n`);
    const read = await allOf(folder.at("part-*.jsonl"));
    expect(read).toMatchObject({ numbers: [1, 1, 2, 2, 10, 10], starts: [0, 2, 4] });
    expect((await allOf(folder.at("part-[!2].jsonl"))).numbers).toEqual([1, 1]);
    expect((await allOf(folder.at("par?-1?.jsonl"))).numbers).toEqual([10, 10]);
    const odd = folder.put("a[1].jsonl", "[5]");
    expect((await allOf(odd)).numbers).toEqual([5]);
  });

  it("must have rows of one shape, and a pattern must match", async () => {
    const two = folder.put("two.jsonl", "[1,2]");
    await expect(allOf([folder.put("one.jsonl", "[1]"), two])).rejects.toThrow(
      /two\.jsonl: header: shape must be \(rows, 1\) as in .*one\.jsonl, got \(rows, 2\)/,
    );
    await expect(allOf(folder.at("nothing-*"))).rejects.toThrow(/must match a file, got none/);
  });
});

describe("openRows", () => {
  it("refuses wrong arguments at once, and files where they are met", async () => {
    expect(() => openRows("")).toThrow(/openRows: path must be a path/);
    expect(() => openRows([])).toThrow(/openRows: path must be a path/);
    expect(() => openRows("a.npy", { blockRows: 0 })).toThrow(/blockRows must be an integer/);
    expect(() => openRows("a.npy", { blockrows: 1 } as object)).toThrow(/did you mean blockRows/);
    expect(() => openRows("a.npy", { format: "mat" as "npy" })).toThrow(/format must be "npy"/);
    await expect(allOf("absent.npy")).rejects.toMatchObject({ code: "ERR_FILE" });
    await expect(allOf(folder.at(""))).rejects.toThrow(/must be a file, got a folder/);
    await expect(allOf(folder.put("a.bin", "\0\0\0"))).rejects.toThrow(/say the format/);
  });

  it("tells formats from their first bytes where the name does not", async () => {
    for (const name of ["f4-little-c.npy", "three.safetensors", "stored.npz", "f4.npy.gz"]) {
      const file = folder.put("unnamed", readFileSync(fixture(name)));
      const named = name.startsWith("f4") ? undefined : "logits";
      expect((await allOf(file, { name: named })).numbers).toEqual(LOGITS);
    }
  });

  it("gives blocks that operations take, and can be left and begun anew", async () => {
    const engine = createEngine();
    const rows = openRows(fixture("f2-big-fortran.npy"), { blockRows: 2 });
    for await (const block of rows) {
      expect(engine.argmax(block).data[0]).toBe(0);
      break;
    }
    let count = 0;
    for await (const { shape } of rows) count += shape[0];
    expect(count).toBe(7);
  });
});
