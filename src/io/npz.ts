/**
 * .npz files: a zip file of .npy files, as numpy.savez and numpy.savez_compressed write them.
 */
import type { FileBytes } from "./bytes.js";
import { openNpy } from "./npy.js";
import { pickName } from "./pickName.js";
import type { ReadOptions, RowFile } from "./rowFile.js";
import { type ZipMember, openZipMember, readZipDirectory } from "./zip.js";

const SUFFIX = ".npy";

/** Arrays by name. The last member of a name wins, as in Python's zipfile. */
async function arraysIn(bytes: FileBytes): Promise<Map<string, ZipMember>> {
  const members = await readZipDirectory(bytes);
  return new Map(
    members
      .filter(({ name }) => name.endsWith(SUFFIX))
      .map((member) => [member.name.slice(0, -SUFFIX.length), member]),
  );
}

export async function npzNames(bytes: FileBytes): Promise<string[]> {
  return [...(await arraysIn(bytes)).keys()];
}

export async function openNpz(bytes: FileBytes, options: ReadOptions): Promise<RowFile> {
  const arrays = await arraysIn(bytes);
  const name = pickName(bytes.file, [...arrays.keys()], options.name);
  const member = await openZipMember(bytes, arrays.get(name)!, options.maxInflatedBytes);
  return openNpy(member, "npz", name);
}
