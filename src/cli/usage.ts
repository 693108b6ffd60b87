/**
 * The words of a wrong command line. Such errors end the command with 2.
 */
import { failState } from "../check.js";

export function failUsage(message: string): never {
  failState("ERR_ARGUMENT_VALUE", message);
}

export function readNumber(option: string, text: string, min = -Infinity, integer = false): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!Number.isFinite(value) || value < min || (integer && !Number.isInteger(value))) {
    const kind = integer ? "an integer" : "a number";
    const range = min === -Infinity ? "" : ` of at least ${min}`;
    failUsage(`--${option} must be ${kind}${range}, got ${JSON.stringify(text)}`);
  }
  return value;
}

export function readNumbers(option: string, text: string, min?: number): number[] {
  return text.split(",").map((part) => readNumber(option, part, min, true));
}
