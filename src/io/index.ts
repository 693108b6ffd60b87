/** logits/io: re-exports only. */
export type { ArrayBlock } from "./arrayBlock.js";
export type { RowArray, RowDType } from "./dtype.js";
export { openRows } from "./openRows.js";
export type { OpenRowsOptions, RowBlock, RowFileInfo, Rows } from "./openRows.js";
export type { Format, ReadOptions } from "./rowFile.js";
export { createRowWriter } from "./rowWriter.js";
export type { RowWriter, RowWriterOptions, WrittenFormat } from "./rowWriter.js";
export { writeNpy, writeNpz, writeRows, writeSafetensors } from "./writeArrays.js";
export type { RowBlocks } from "./writeArrays.js";
