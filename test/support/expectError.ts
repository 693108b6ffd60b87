import { expect } from "vitest";
import { type ErrorCode, LogitsError } from "../../src/errors.ts";

/** Asserts that `call` throws a LogitsError with this code and exactly this message. */
export function expectError(call: () => unknown, code: ErrorCode, message: string): LogitsError {
  let thrown: unknown;
  try {
    call();
  } catch (error) {
    thrown = error;
  }
  expect(thrown, `no error; expected: ${message}`).toBeInstanceOf(LogitsError);
  const error = thrown as LogitsError;
  expect(error.message).toBe(message);
  expect(error.code).toBe(code);
  return error;
}
