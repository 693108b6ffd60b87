/**
 * Reading and rewriting the bytes of the kernels' module, as far as sharing its memory asks for it:
 * one binary serves both kinds of memory. The module imports its memory and nothing else
 * (scripts/build.mjs sees to it).
 *
 *   A section is  id · size · content;  numbers are LEB128.
 *   The memory import's limits are  flags · minimum [· maximum];  flags 0 none, 1 a maximum, 3 shared.
 */
const TYPE = 1;
const IMPORT = 2;
const FUNCTION = 3;
const EXPORT = 7;
const SHARED = 3;
const I32 = 0x7f;

interface Section {
  readonly id: number;
  readonly start: number;
  /** First byte of the content, and the first past it. */
  readonly from: number;
  readonly to: number;
}

class Reader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    return this.bytes[this.at++]!;
  }

  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const next = this.byte();
      value += (next & 127) * 2 ** shift;
      if (next < 128) return value;
    }
  }

  name(): string {
    const length = this.number();
    this.at += length;
    return String.fromCharCode(...this.bytes.subarray(this.at - length, this.at));
  }

  list<T>(read: () => T): T[] {
    return Array.from({ length: this.number() }, read);
  }
}

function sectionsOf(bytes: Uint8Array): Section[] {
  const sections: Section[] = [];
  const reader = new Reader(bytes, 8);
  while (reader.at < bytes.length) {
    const start = reader.at;
    const id = reader.byte();
    const size = reader.number();
    sections.push({ id, start, from: reader.at, to: reader.at + size });
    reader.at += size;
  }
  return sections;
}

/** The module with its only import, the memory, asked for as shared with at most `maximumPages`. */
export function withSharedMemory(bytes: Uint8Array, maximumPages: number): Uint8Array<ArrayBuffer> {
  const section = sectionsOf(bytes).find(({ id }) => id === IMPORT)!;
  const reader = new Reader(bytes, section.from);
  reader.number();
  reader.name();
  reader.name();
  const limits = reader.at + 1; // past the kind
  reader.at = limits + 1;
  const minimum = reader.number();
  const content = [
    ...bytes.subarray(section.from, limits),
    SHARED,
    ...leb128(minimum),
    ...leb128(maximumPages),
  ];
  return Uint8Array.from([
    ...bytes.subarray(0, section.start),
    IMPORT,
    ...leb128(content.length),
    ...content,
    ...bytes.subarray(section.to),
  ]);
}

function leb128(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb128(value >>> 7)];
}

export interface KernelSignature {
  readonly name: string;
  /** Whether each parameter is an i32: a pointer or a count. */
  readonly integers: readonly boolean[];
}

/** The exported functions in the order of the export section. */
export function signaturesOf(bytes: Uint8Array): KernelSignature[] {
  const sections = sectionsOf(bytes);
  const content = (wanted: number): Reader =>
    new Reader(bytes, sections.find(({ id }) => id === wanted)!.from);
  const types = content(TYPE);
  const parameters = types.list(() => {
    types.byte(); // form
    const integers = types.list(() => types.byte() === I32);
    types.list(() => types.byte());
    return integers;
  });
  const functions = content(FUNCTION);
  const typeOf = functions.list(() => functions.number());
  const exports = content(EXPORT);
  const all = exports.list(() => ({
    name: exports.name(),
    kind: exports.byte(),
    index: exports.number(),
  }));
  return all
    .filter(({ kind }) => kind === 0)
    .map(({ name, index }) => ({ name, integers: parameters[typeOf[index]!]! }));
}
