/**
 * What a comment such as `// [0.8807, 0.0976, NaN]` says about a value.
 *
 *   1.534944            a number that rounds to these digits
 *   0.4076…             a number that begins with these digits
 *   3, -0, NaN          exactly this; 0 stands for either zero
 *   true, null, "mean"  exactly this
 *   [1, 2, …]           an array or typed array; … where more follows
 *   Float32Array [1]    the same, of that class
 *   { loss: 0.5, … }    an object; … where it has more keys
 *   throws ERR_SHAPE    the expression throws an error with this code
 *
 * Prose may follow after "," ":" ";" "—" or in parentheses.
 */

/** Says how a value differs from what was expected, or undefined where it does not. */
export type Expectation = (got: unknown) => string | undefined;

/** The outcome of an expression that threw. */
export class Thrown {
  constructor(readonly error: unknown) {}
}

const VALUE_START =
  /^(?:-?[.\d]|-?Infinity\b|NaN\b|[[{"]|(?:true|false|null|undefined)\b|throws\b|[A-Z]\w*Array\b)/;

/** Whether a comment states a value; otherwise it is prose. */
export function statesValue(comment: string): boolean {
  return VALUE_START.test(comment);
}

/** Reads a comment that states a value; throws SyntaxError where it cannot. */
export function parseExpected(comment: string): Expectation {
  const reader = new Reader(comment);
  const expectation = reader.outcome();
  reader.end();
  return expectation;
}

class Reader {
  #at = 0;

  constructor(readonly text: string) {}

  outcome(): Expectation {
    const code = this.#match(/throws\s+(\w+)/);
    if (!code) return this.#value();
    return (got) =>
      got instanceof Thrown && codeOf(got.error) === code[1] ? undefined : `got ${show(got)}`;
  }

  end(): void {
    if (!this.#match(/\s*(?:$|[,:;—(])/)) throw this.#error();
  }

  #value(): Expectation {
    const word = this.#match(/(-?Infinity|NaN|true|false|null|undefined)\b/);
    if (word) return same(WORDS.get(word[1]));
    const quoted = this.#match(/"([^"]*)"/);
    if (quoted) return same(quoted[1]);
    const number = this.#match(/-?(?:\d+\.?(\d*)|\.(\d+))(?:e([-+]?\d+))?(…)?/);
    if (number) return numberLike(number);
    const className = this.#match(/([A-Z]\w*)(?:\(\d+\))?\s*(?=\[)/)?.[1];
    if (this.#match(/\[/)) return this.#array(className);
    if (this.#match(/\{/)) return this.#object();
    throw this.#error();
  }

  #array(className: string | undefined): Expectation {
    const { items, more } = this.#items(/\]/, () => this.#value());
    return (got) => {
      if (!isArrayLike(got)) return `got ${show(got)}`;
      if (className !== undefined && got.constructor.name !== className) {
        return `got a ${got.constructor.name}`;
      }
      if (more ? got.length < items.length : got.length !== items.length) {
        return `got ${got.length} elements: ${show(got)}`;
      }
      return firstComplaint(items.map((item, index) => [index, item(got[index])]));
    };
  }

  #object(): Expectation {
    const { items, more } = this.#items(/\}/, () => {
      const key = this.#match(/(\w+)\s*:/);
      if (!key) throw this.#error();
      return [key[1], this.#value()] as const;
    });
    return (got) => {
      if (typeof got !== "object" || got === null) return `got ${show(got)}`;
      const keys = Object.keys(got).filter((key) => !items.some(([known]) => known === key));
      if (!more && keys.length > 0) return `got also ${keys.join(", ")}`;
      const values = got as Record<string, unknown>;
      return firstComplaint(items.map(([key, item]) => [key, item(values[key])]));
    };
  }

  #items<T>(close: RegExp, read: () => T): { items: T[]; more: boolean } {
    const items: T[] = [];
    while (!this.#match(close)) {
      if (items.length > 0 && !this.#match(/,/)) throw this.#error();
      if (this.#match(/…/)) {
        if (!this.#match(close)) throw this.#error();
        return { items, more: true };
      }
      items.push(read());
    }
    return { items, more: false };
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    const sticky = new RegExp(`\\s*${pattern.source}`, "y");
    sticky.lastIndex = this.#at;
    const match = sticky.exec(this.text);
    if (!match) return undefined;
    this.#at = sticky.lastIndex;
    return match;
  }

  #error(): SyntaxError {
    return new SyntaxError(`cannot read the expected value ${JSON.stringify(this.text)}`);
  }
}

const WORDS = new Map<string | undefined, unknown>([
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
  ["NaN", NaN],
  ["true", true],
  ["false", false],
  ["null", null],
  ["undefined", undefined],
]);

function same(want: unknown): Expectation {
  return (got) => (Object.is(got, want) ? undefined : `got ${show(got)}`);
}

function numberLike([
  text,
  decimals,
  bareDecimals,
  exponent,
  truncated,
]: RegExpExecArray): Expectation {
  const digits = text.trim().replace("…", "");
  const want = Number(digits);
  const fraction = decimals || bareDecimals || "";
  if (fraction === "" && exponent === undefined && !truncated) {
    return digits === "0" ? (got) => (got === 0 ? undefined : `got ${show(got)}`) : same(want);
  }
  const unit = 10 ** (Number(exponent ?? 0) - fraction.length);
  const slack = unit * 1e-6; // for the decimal fraction that float64 cannot hold
  return (got) => {
    if (typeof got !== "number") return `got ${show(got)}`;
    const beyond = truncated ? Math.sign(got) * (got - want) : Math.abs(got - want);
    const inside = truncated
      ? beyond > -slack && beyond < unit + slack
      : beyond <= unit / 2 + slack;
    return inside ? undefined : `got ${got}`;
  };
}

function firstComplaint(parts: readonly (readonly [string | number, string | undefined])[]) {
  const part = parts.find(([, complaint]) => complaint !== undefined);
  return part && `at ${part[0]}: ${part[1]}`;
}

function isArrayLike(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}

function show(value: unknown): string {
  if (value instanceof Thrown) return `the error ${codeOf(value.error)}: ${String(value.error)}`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (isArrayLike(value)) return `[${Array.from(value, show).join(", ")}]`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
