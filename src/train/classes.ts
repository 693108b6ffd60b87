/**
 * Classes by number or by name: what callers pass as targets, as indices and back.
 */
import { checkNumber, describe, fail, isList } from "../check.js";
import { makeArray } from "../memory/array.js";

export type ClassName = string | number;

/** Class indices, or names; Tensors and `{ data }` by their data. */
export type ClassTargets =
  | ArrayLike<number>
  | ArrayLike<bigint>
  | readonly string[]
  | { readonly data: ArrayLike<number> | ArrayLike<bigint> };

export class Classes {
  readonly count: number;
  /** Undefined where classes are 0, 1, … */
  readonly names: readonly ClassName[] | undefined;
  readonly #indexOf: Map<unknown, number> | undefined;

  constructor(fn: string, classes: unknown, least: number) {
    if (!Array.isArray(classes)) {
      this.count = checkNumber(fn, "classes", classes, { min: least, integer: true });
      return;
    }
    const names = classes as readonly unknown[];
    this.#indexOf = new Map();
    for (const [i, name] of names.entries()) {
      const known = typeof name === "string" || (typeof name === "number" && !Number.isNaN(name));
      if (known && !this.#indexOf.has(name)) this.#indexOf.set(name, i);
      else {
        const expected = known ? "must be no name twice" : "must be a string or a number";
        fail(known ? "ERR_ARGUMENT_VALUE" : "ERR_ARGUMENT_TYPE", {
          fn,
          argument: `classes[${i}]`,
          expected,
          got: name,
          index: i,
        });
      }
    }
    if (names.length < least) {
      const expected = `must name at least ${least} classes`;
      fail("ERR_ARGUMENT_VALUE", { fn, argument: "classes", expected, gotText: `${names.length}` });
    }
    this.count = names.length;
    this.names = Object.freeze([...names]) as readonly ClassName[];
  }

  /** The names that occur in targets, in order: numbers before strings. */
  static found(targets: unknown): ClassName[] {
    const seen = new Set(
      Array.from(listOf(targets), (y) => (typeof y === "bigint" ? Number(y) : y)),
    );
    return [...(seen as Set<ClassName>)].sort((a, b) => {
      if (typeof a === typeof b) return a < b ? -1 : 1;
      return typeof a === "number" ? -1 : 1;
    });
  }

  /** One index per row, checked. */
  indices(fn: string, targets: unknown, rows: number): Int32Array {
    const list = listOf(targets);
    if (list.length !== rows) {
      const expected = `must be the number of rows of features = ${rows}`;
      const gotText = String(list.length);
      fail("ERR_SHAPE", { fn, argument: "targets.length", expected, gotText });
    }
    const indices = makeArray(fn, Int32Array, rows);
    for (let i = 0; i < rows; i++) {
      const given = typeof list[i] === "bigint" ? Number(list[i]) : list[i];
      const at = this.#indexOf === undefined ? given : this.#indexOf.get(given);
      if (typeof at !== "number" || !Number.isInteger(at) || at < 0 || at >= this.count) {
        this.#refuse(fn, i, list[i]);
      }
      indices[i] = at;
    }
    return indices;
  }

  /** Names of indices, or the indices themselves. */
  named(indices: Int32Array): Int32Array | ClassName[] {
    const { names } = this;
    return names === undefined ? indices : Array.from(indices, (y) => names[y]!);
  }

  #refuse(fn: string, row: number, got: unknown): never {
    const { names, count } = this;
    const shown =
      names &&
      names
        .slice(0, 5)
        .map((name) => describe(name))
        .join(", ");
    fail("ERR_TARGET_RANGE", {
      fn,
      argument: `targets[${row}]`,
      expected: names
        ? `must be one of the ${count} classes (${shown}${count > 5 ? ", …" : ""})`
        : `must be an integer in [0, ${count})`,
      got,
      index: row,
    });
  }
}

function listOf(targets: unknown): ArrayLike<unknown> {
  if (isList(targets)) return targets;
  const data = (targets as { data?: unknown } | null | undefined)?.data;
  if (isList(data)) return data;
  return fail("ERR_ARGUMENT_TYPE", {
    fn: "fit",
    argument: "targets",
    expected: "must be an array of class indices or names",
    got: targets,
  });
}
