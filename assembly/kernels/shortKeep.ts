/**
 * A chunk of shortRows.ts with its exponentials kept and the largest term apart: compiled once for
 * all who need it, since a chunk is far longer than a call.
 */
import { enterChunk } from "./shortRows";

export function keepChunk(
  zPtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  scratchPtr: usize,
): void {
  enterChunk(zPtr, rows, classes, turned, false, true, scratchPtr);
}
