// @ts-check
/** A failure the reader of the terminal can mend: shown as one line, without a stack. */
export class UserError extends Error {}

/**
 * What the operating system said, in one line: "ENOENT: no such file or directory".
 *
 * @param {unknown} error
 */
export function reason(error) {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n", 1)[0].replace(/, \w+( '.*)?$/, "");
}
