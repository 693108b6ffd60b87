/**
 * The header of .safetensors files: JSON of fixed form and depth, read by a parser of exactly that.
 * JSON.parse would build whatever the file says before anything could be checked, and would keep one
 * of two equal keys.
 *
 *   { "__metadata__": { "key": "text" }, "name": { "dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24] } }
 */
import { failFile, quoted } from "./failFile.js";

export interface TensorEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

const MOST_DIMENSIONS = 64;
const FIELDS = ["dtype", "shape", "data_offsets"];

export function parseSafetensorsHeader(file: string, text: string): Map<string, TensorEntry> {
  return new HeaderParser(file, text).parse();
}

class HeaderParser {
  #at = 0;

  constructor(
    private readonly file: string,
    private readonly text: string,
  ) {}

  parse(): Map<string, TensorEntry> {
    const entries = new Map<string, TensorEntry>();
    let metadata = false;
    this.#object((name) => {
      if (entries.has(name) || (name === "__metadata__" && metadata)) this.#twice(name);
      if (name === "__metadata__") {
        metadata = true;
        this.#metadata();
      } else entries.set(name, this.#entry(name));
    });
    if (this.#at < this.text.length) this.#fail("the end");
    return entries;
  }

  #metadata(): void {
    const seen = new Set<string>();
    this.#object((key) => {
      if (seen.has(key)) this.#twice(key);
      seen.add(key);
      this.#string();
    });
  }

  #entry(name: string): TensorEntry {
    let dtype: string | undefined;
    let shape: number[] | undefined;
    let offsets: number[] | undefined;
    const seen = new Set<string>();
    this.#object((key) => {
      if (seen.has(key)) this.#twice(`${name}.${key}`);
      seen.add(key);
      if (key === "dtype") dtype = this.#string();
      else if (key === "shape") shape = this.#integers(MOST_DIMENSIONS);
      else if (key === "data_offsets") offsets = this.#integers(2);
      else refuse(this.file, `tensor ${quoted(name)} must have ${FIELDS.join(", ")}`, quoted(key));
    });
    if (dtype === undefined || shape === undefined || offsets?.length !== 2) {
      const got = [...seen].map(quoted).join(", ");
      refuse(this.file, `tensor ${quoted(name)} must have ${FIELDS.join(", ")}`, got || "nothing");
    }
    return { dtype, shape, start: offsets[0]!, end: offsets[1]! };
  }

  #object(each: (key: string) => void): void {
    this.#expect("{");
    if (this.#accept("}")) return;
    do {
      const key = this.#string();
      this.#expect(":");
      each(key);
    } while (this.#accept(","));
    this.#expect("}");
  }

  #integers(most: number): number[] {
    const values: number[] = [];
    this.#expect("[");
    if (this.#accept("]")) return values;
    do {
      const digits = this.#match(/(?:0|[1-9]\d{0,15})(?![\d.eE])/y);
      const value = Number(digits ?? NaN);
      if (!Number.isSafeInteger(value)) this.#fail("an integer in [0, 2^53)");
      if (values.push(value) > most) this.#fail(`at most ${most} integers`);
    } while (this.#accept(","));
    this.#expect("]");
    return values;
  }

  /** Looks for the closing quote; only a string with escapes is decoded by the engine. */
  #string(): string {
    const { text } = this;
    if (text[this.#at] !== '"') this.#fail("a string");
    let end = this.#at + 1;
    while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
    const token = text.slice(this.#at, end + 1);
    let value: string | undefined;
    try {
      value = JSON.parse(token) as string;
    } catch {
      this.#fail("a string");
    }
    this.#at = end + 1;
    this.#space();
    return value;
  }

  #accept(sign: string): boolean {
    if (this.text[this.#at] !== sign) return false;
    this.#at++;
    this.#space();
    return true;
  }

  #expect(sign: string): void {
    if (!this.#accept(sign)) this.#fail(JSON.stringify(sign));
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined) return undefined;
    this.#at += found.length;
    this.#space();
    return found;
  }

  #space(): void {
    while (" \n\r\t".includes(this.text[this.#at] ?? "x")) this.#at++;
  }

  #twice(name: string): never {
    refuse(this.file, "names must be different", `${quoted(name)} twice`);
  }

  #fail(wanted: string): never {
    const next = this.text.slice(this.#at, this.#at + 61);
    refuse(this.file, `byte ${this.#at} must be ${wanted}`, next === "" ? "its end" : quoted(next));
  }
}

function refuse(file: string, expected: string, got: string): never {
  const remedy = "write it again with safetensors.save_file";
  failFile({ file, place: "header", expected, got, remedy });
}
