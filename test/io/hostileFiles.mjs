// @ts-check
/**
 * Files that lie, are cut short or were made to hurt, each with the words its error must have.
 * Used by hostile.test.ts and by bench/hostile.mjs, which measures time and memory.
 */
import { Buffer } from "node:buffer";
import { deflateRawSync, gzipSync } from "node:zlib";

/** A .npy file of version 1 with any header text. @param {string} dict @param {number} [dataBytes] */
export function npy(dict, dataBytes = 0, length = dict.length) {
  const head = Buffer.from("\x93NUMPY\x01\x00\0\0", "latin1");
  head.writeUInt16LE(length, 8);
  return Buffer.concat([head, Buffer.from(dict, "latin1"), Buffer.alloc(dataBytes)]);
}

/** @param {string} shape */
const shaped = (shape, descr = "'<f4'") =>
  `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`;

/** @param {string | object} header @param {number} [dataBytes] @param {bigint} [length] */
export function safetensors(header, dataBytes = 0, length) {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const field = Buffer.alloc(8);
  field.writeBigUInt64LE(length ?? BigInt(text.length));
  return Buffer.concat([field, text, Buffer.alloc(dataBytes)]);
}

/** @param {number[]} shape @param {number[]} offsets */
const tensor = (shape, offsets, dtype = "F32") => ({ dtype, shape, data_offsets: offsets });

/** A zip file of one member. @param {string} name @param {Uint8Array} packed */
export function zip(name, packed, method = 8, size = packed.length) {
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(name.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(method, 10);
  central.writeUInt32LE(size, 20);
  central.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(46 + name.length, 12);
  end.writeUInt32LE(30 + name.length + packed.length, 16);
  return Buffer.concat([local, Buffer.from(name), packed, central, Buffer.from(name), end]);
}

const parquetFoot = (/** @type {number} */ length) => {
  const end = Buffer.from("\0\0\0\0PAR1", "latin1");
  end.writeUInt32LE(length);
  return end;
};

const ZEROS = Buffer.alloc(2 ** 24);
const bombHeader = npy(shaped("(1099511627776, 1)"));
const gzipBomb = () => {
  // Members of one gzip file follow one another: 1 GiB of zeros in 1 MB.
  const member = gzipSync(ZEROS);
  return Buffer.concat([gzipSync(bombHeader), ...Array.from({ length: 64 }, () => member)]);
};
const deflateBomb = () => deflateRawSync(Buffer.concat([bombHeader, Buffer.alloc(2 ** 28)]));

/**
 * Name, bytes, what the error says, options of openRows.
 *
 * @type {readonly (readonly [string, () => Uint8Array, RegExp, object?])[]}
 */
export const HOSTILE_FILES = [
  ["empty.npy", () => Buffer.alloc(0), /header: must have 8 bytes, got 0/],
  ["magic.npy", () => Buffer.from("not numpy at all"), /must begin with .*NUMPY/],
  [
    "version.npy",
    () => Buffer.from("\x93NUMPY\x09\x00\x10\x00", "latin1"),
    /version must be 1, 2 or 3, got 9/,
  ],
  ["long-header.npy", () => npy("", 0, 65_535), /length must be at most 10000 bytes, got 65535/],
  [
    "huge-header.npy",
    () => Buffer.from("\x93NUMPY\x02\x00\xff\xff\xff\xff", "latin1"),
    /at most 10000 bytes, got 4294967295/,
  ],
  ["cut-header.npy", () => npy("{'descr'", 0, 100), /header: must have 100 bytes, got 8/],
  ["cut-data.npy", () => npy(shaped("(4, 3)"), 47), /data: must have 48 bytes, got 47/],
  ["wraps.npy", () => npy(shaped("(4194305, 4194305, 211106198978564)")), /fewer than 2\^53 bytes/],
  [
    "hidden-by-zero.npy",
    () => npy(shaped("(0, 9007199254740991, 9007199254740991)")),
    /fewer than 2\^53 bytes/,
  ],
  [
    "claims.npy",
    () => npy(shaped("(1000000000, 1000)")),
    /data: must have 4000000000000 bytes, got 0/,
  ],
  [
    "rows-of-nothing.npy",
    () => npy(shaped("(1000000000000, 0)")),
    /rows must have at least one element/,
  ],
  ["scalar.npy", () => npy(shaped("()"), 4), /shape must have rows/],
  ["negative.npy", () => npy(shaped("(-1, 3)")), /must be an integer of at least 0/],
  ["fraction.npy", () => npy(shaped("(1.5, 3)")), /must be an integer of at least 0/],
  ["text-dimension.npy", () => npy(shaped("('3', 3)")), /must be an integer of at least 0/],
  ["rank.npy", () => npy(shaped(`(${"1,".repeat(4900)})`)), /at most 64 dimensions/],
  ["nested.npy", () => npy(shaped("(".repeat(9000))), /must be an integer of at least 0/],
  [
    "code.npy",
    () => npy(shaped("__import__('os').abort()")),
    /must be a string, True, False or a tuple/,
  ],
  ["object.npy", () => npy(shaped("(2,)", "'|O'"), 16), /descr must be .*"\|O".*astype/],
  ["fields.npy", () => npy(shaped("(2,)", "[('a', '<f4')]"), 8), /descr must be a simple type/],
  ["proto-dtype.npy", () => npy(shaped("(2,)", "'__proto__'"), 8), /descr must be/],
  ["native.npy", () => npy(shaped("(2,)", "'f4'"), 8), /descr must be/],
  [
    "missing-key.npy",
    () => npy("{'descr': '<f4', 'shape': (1, 1)}", 4),
    /keys descr, fortran_order and shape/,
  ],
  [
    "spare-key.npy",
    () => npy(`${shaped("(1, 1)").slice(0, -1)}'x': 1}`, 4),
    /must be a string, True, False/,
  ],
  ["after.npy", () => npy(`${shaped("(1, 1)")} import os`, 4), /must be the end/],

  ["empty.safetensors", () => Buffer.alloc(3), /header: must have 8 bytes, got 3/],
  [
    "long.safetensors",
    () => safetensors("{}", 0, 2n ** 63n),
    /length must be at most 2 bytes, got 9223372036854775808/,
  ],
  ["not-json.safetensors", () => safetensors("[]"), /must begin with \{/],
  ["not-utf8.safetensors", () => Buffer.from("\x02\0\0\0\0\0\0\0{\xff", "latin1"), /must be UTF-8/],
  ["deep.safetensors", () => safetensors(`{"a":${"[".repeat(100_000)}`), /must be "\{", got "\[/],
  [
    "deep-shape.safetensors",
    () => safetensors(`{"a":{"shape":${"[".repeat(100_000)}`),
    /must be an integer/,
  ],
  ["long-string.safetensors", () => safetensors(`{"${"a".repeat(8_000_000)}`), /must be a string/],
  ["escapes.safetensors", () => safetensors(`{"${"\\".repeat(8_000_000)}`), /must be a string/],
  [
    "twice.safetensors",
    () =>
      safetensors(
        '{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}',
      ),
    /names must be different, got "a" twice/,
  ],
  [
    "reversed.safetensors",
    () => safetensors({ a: tensor([1], [4, 0]) }, 4),
    /must have 4 bytes, got offsets 4 to 0/,
  ],
  [
    "past-end.safetensors",
    () => safetensors({ a: tensor([2], [0, 8]) }, 4),
    /data: must have 8 bytes, got 4/,
  ],
  [
    "hole.safetensors",
    () => safetensors({ a: tensor([1], [0, 4]), b: tensor([1], [8, 12]) }, 12),
    /data must begin at 4, got 8/,
  ],
  [
    "overlap.safetensors",
    () => safetensors({ a: tensor([2], [0, 8]), b: tensor([1], [4, 8]) }, 8),
    /data must begin at 8, got 4/,
  ],
  [
    "trailing.safetensors",
    () => safetensors({ a: tensor([1], [0, 4]) }, 5),
    /data: must have 4 bytes, got 5/,
  ],
  [
    "negative.safetensors",
    () => safetensors({ a: tensor([-1], [0, 4]) }, 4),
    /must be an integer in \[0, 2\^53\)/,
  ],
  [
    "fraction.safetensors",
    () => safetensors({ a: tensor([1.5], [0, 4]) }, 4),
    /must be an integer in \[0, 2\^53\)/,
  ],
  [
    "wraps.safetensors",
    () => safetensors({ a: tensor([4194305, 4194305, 211106198978564], [0, 4]) }, 4),
    /fewer than 2\^53 bits/,
  ],
  [
    "dtype.safetensors",
    () => safetensors({ a: tensor([1], [0, 4], "constructor") }, 4),
    /dtype must be known/,
  ],
  [
    "spare.safetensors",
    () => safetensors({ a: { ...tensor([1], [0, 4]), code: "x" } }, 4),
    /must have dtype, shape, data_offsets, got "code"/,
  ],
  ["none.safetensors", () => safetensors({}), /must hold one tensor, got none/],
  [
    "absent.safetensors",
    () => safetensors({ a: tensor([1], [0, 4]) }, 4),
    /must hold a tensor "toString", got "a"/,
    { name: "toString" },
  ],

  ["empty.npz", () => Buffer.alloc(0), /must end with a zip directory/],
  ["cut.npz", () => zip("a.npy", bombHeader, 0).subarray(0, 60), /must end with a zip directory/],
  [
    "past-end.npz",
    () => zip("a.npy", bombHeader, 0, 1_000_000),
    /member a.npy must lie in the file/,
  ],
  ["method.npz", () => zip("a.npy", bombHeader, 12), /stored or deflated, got method 12/],
  [
    "damaged.npz",
    () => zip("a.npy", Buffer.from("\xff\xff\xff\xff", "latin1")),
    /whole deflate data/,
  ],
  ["no-arrays.npz", () => zip("a.txt", bombHeader, 0), /must hold one tensor, got none/],
  [
    "cut-member.npz",
    () => zip("a.npy", bombHeader, 0),
    /data: must have 4398046511104 bytes, got 0/,
  ],
  [
    "bomb.npz",
    () => zip("a.npy", deflateBomb()),
    /member a.npy: must decompress to at most \d+ bytes/,
  ],
  ["bomb.npy.gz", gzipBomb, /gzip data: must decompress to at most \d+ bytes/],
  ["cut.npy.gz", () => gzipSync(npy(shaped("(4, 3)"), 48)).subarray(0, 40), /whole gzip data/],
  [
    "short.npy.gz",
    () => gzipSync(npy(shaped("(4, 3)"), 40)),
    /rows from 0: must have 48 bytes, got 40/,
  ],

  ["empty.parquet", () => Buffer.alloc(0), /footer: must end with PAR1/],
  [
    "footer.parquet",
    () => Buffer.concat([Buffer.from("PAR1"), parquetFoot(2 ** 31)]),
    /length must be at most 0 bytes/,
  ],
  [
    "noise.parquet",
    () => Buffer.concat([Buffer.from("PAR1"), Buffer.alloc(5000, 0x1c), parquetFoot(5000)]),
    /footer: must be Parquet/,
  ],

  ["empty.csv", () => Buffer.alloc(0), /line 1: must hold a row, got an empty file/],
  ["header-only.csv", () => Buffer.from("a,b\n"), /line 1: must hold a row/],
  [
    "ragged.csv",
    () => Buffer.from("1,2\n3,4\n5\n"),
    /line 3: must have 2 columns as the first row, got 1/,
  ],
  [
    "word.csv",
    () => Buffer.from("a,b\n1,2\n3,x\n"),
    /line 3, column "b": must be a number, got "x"/,
  ],
  [
    "missing.csv",
    () => Buffer.from("1,2\n3,\n"),
    /line 2, column 1: must be a number, got nothing/,
  ],
  [
    "nan.csv",
    () => Buffer.from("1,2\n3,nan\n"),
    /line 2, column 1: must be a number, got "nan"; .*allowNaN/,
  ],
  [
    "overflow.csv",
    () => Buffer.from("1,2\r\n3,1e400\r\n"),
    /line 2, column 1: must be a number, got "1e400"/,
  ],
  [
    "thousands.csv",
    () => Buffer.from('a,b\n1,"1,000"\n'),
    /line 2, column "b": must be a number, got "1,000"/,
  ],
  ["hex.csv", () => Buffer.from("1,2\n3,0x10\n"), /got "0x10"/],
  ["open-quote.csv", () => Buffer.from(`1,2\n"${"a\n".repeat(5_000_000)}`), /must be csv/],
  [
    "digits.csv",
    () => Buffer.from(`1\n${"1".repeat(3_000_000)}x\n`),
    /line 2, column 0: must be a number/,
  ],
  [
    "no-column.csv",
    () => Buffer.from("a,b\n1,2\n"),
    /must have the column "c", got "a", "b"/,
    { columns: ["c"] },
  ],

  ["empty.jsonl", () => Buffer.from("\n\n"), /line 1: must hold a row/],
  [
    "ragged.jsonl",
    () => Buffer.from("[1,2]\n[3]\n"),
    /line 2: must have 2 columns as the first row, got 1/,
  ],
  [
    "word.jsonl",
    () => Buffer.from('[1,2]\n[3,"x"]\n'),
    /line 2, element 1: must be a finite number, got "x"/,
  ],
  [
    "null.jsonl",
    () => Buffer.from("[1,null]\n"),
    /line 1, element 1: must be a finite number, got null/,
  ],
  [
    "overflow.jsonl",
    () => Buffer.from("[1,1e400]\n"),
    /line 1, element 1: must be a finite number, got Infinity/,
  ],
  ["nan.jsonl", () => Buffer.from("[1,NaN]\n"), /line 1: must be JSON/],
  ["deep.jsonl", () => Buffer.from("[".repeat(100_000)), /line 1: must nest at most 4 deep/],
  [
    "wide.jsonl",
    () => Buffer.from(`[${"[],".repeat(1_390_000)}[]]`),
    /line 1: must hold at most 1000 arrays/,
  ],
  [
    "long-line.jsonl",
    () => Buffer.from("1".repeat(5_000_000)),
    /line 1: must have at most 4194304 bytes/,
  ],
  [
    "proto.jsonl",
    () => Buffer.from('{"a":[1]}\n'),
    /must have "__proto__", got "a"/,
    { columns: ["__proto__"] },
  ],
  ["fields.jsonl", () => Buffer.from('{"a":[1],"b":2}\n'), /must have one field, got "a", "b"/],
];
