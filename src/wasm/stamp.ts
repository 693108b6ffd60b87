/**
 * Every wasm file of the package carries its version in a custom section, so that a file of another
 * version, a cached one for instance, is refused before it computes anything.
 */
import { fail } from "../check.js";
import { VERSION } from "./version.generated.js";

const SECTION = "logits";

/** Which argument gave the module, and where it came from: "" or " from https://…". */
export interface Origin {
  readonly fn: string;
  readonly argument: string;
  readonly from: string;
}

export const EXPECTED_FILE: string = `must be a wasm file of logits ${VERSION}`;

/** Throws unless `module` is of this version. */
export function checkStamp(module: WebAssembly.Module, { fn, argument, from }: Origin): void {
  const sections = WebAssembly.Module.customSections(module, SECTION);
  const version = sections[0] === undefined ? undefined : textOf(sections[0]);
  if (version === VERSION) return;
  fail("ERR_FILE", {
    fn,
    argument,
    expected: EXPECTED_FILE,
    gotText: (version === undefined ? "another wasm file" : `one of logits ${version}`) + from,
    remedy: "use the file of the installed version",
  });
}

/** A version is ASCII. */
function textOf(bytes: ArrayBuffer): string {
  return String.fromCharCode(...new Uint8Array(bytes));
}
