/**
 * .npy files. What follows the data is left alone, as NumPy does; data cut short is an error before
 * the first row where the size of the file is known.
 */
import { type Bytes, FileBytes, failTruncated } from "./bytes.js";
import { denseRows } from "./denseRows.js";
import { readNpyHeader } from "./npyHeader.js";
import type { Format, RowFile } from "./rowFile.js";

export async function openNpy(
  bytes: Bytes,
  format: Format = "npy",
  name?: string,
): Promise<RowFile> {
  const header = await readNpyHeader(bytes);
  const { dataStart, dataBytes } = header;
  if (bytes.size !== undefined && bytes.size - dataStart < dataBytes) {
    failTruncated(bytes.file, "data", dataBytes, Math.max(0, bytes.size - dataStart));
  }
  const data = bytes instanceof FileBytes ? bytes.part(dataStart, dataStart + dataBytes) : bytes;
  return denseRows(data, { ...header, format, name });
}
