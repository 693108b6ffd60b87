/**
 * The words of every error about a file, one line that names the file, the place and the remedy:
 *
 *   <file>: <place>: <what> must …, got …; <remedy>
 */
import { failState } from "../check.js";

export interface FileFailure {
  /** Path as the caller gave it. */
  readonly file: string;
  /** Place in the file: "header", "line 7", "row 12", "tensor logits". */
  readonly place: string;
  /** What the file must be, "shape must …". */
  readonly expected: string;
  readonly got: string;
  readonly remedy: string;
  readonly cause?: unknown;
}

/** Throws ERR_FILE. */
export function failFile(failure: FileFailure): never {
  const { file, place, expected, got, remedy, cause } = failure;
  const text = `${file}: ${place}: ${expected}, got ${oneLine(got, 200)}; ${remedy}`;
  failState("ERR_FILE", oneLine(text, 2000), cause);
}

/** Text from a file, safe to print: no control characters, bounded. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

/** The message of a foreign error, as one bounded line. */
export function messageOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error), 160);
}

function oneLine(text: string, limit: number): string {
  // eslint-disable-next-line no-control-regex
  const flat = text.replace(/[\u0000-\u001f\u007f]+/g, " ");
  return flat.length > limit ? `${flat.slice(0, limit)}…` : flat;
}
