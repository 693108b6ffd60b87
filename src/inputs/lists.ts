/**
 * Arguments that are lists of something: arrays or typed arrays, and as long as they have to be.
 */
import { fail, isList } from "../check.js";

/** A list; `what` names its elements. */
export function checkList(
  fn: string,
  argument: string,
  value: unknown,
  what: string,
): ArrayLike<unknown> {
  if (isList(value)) return value;
  fail("ERR_ARGUMENT_TYPE", { fn, argument, expected: `must be an array of ${what}`, got: value });
}

/** Refuses a list that has not `wanted` elements; `what` says what that counts. */
export function checkLength(
  fn: string,
  argument: string,
  { length }: { readonly length: number },
  wanted: number,
  what?: string,
): void {
  if (length === wanted) return;
  fail("ERR_SHAPE", {
    fn,
    argument: `${argument}.length`,
    expected: `must be ${what === undefined ? "" : `the number of ${what} = `}${wanted}`,
    gotText: String(length),
  });
}

/** Refuses the element at `index`: of a wrong type, or a number that is not what it must be. */
export function refuseElement(
  fn: string,
  argument: string,
  index: number,
  expected: string,
  got: unknown,
): never {
  const code = typeof got === "number" ? "ERR_ARGUMENT_VALUE" : "ERR_ARGUMENT_TYPE";
  fail(code, { fn, argument: `${argument}[${index}]`, expected, got, index });
}
