/**
 * Small JSON files: read with limits, written whole or not at all.
 */
import { readFile, stat } from "node:fs/promises";
import { failFile, messageOf } from "../io/failFile.js";
import { openOutput } from "../io/output.js";

const MOST_BYTES = 2 ** 28;

export async function readJson(file: string): Promise<unknown> {
  const text = await readText(file);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    return failFile({
      file,
      place: "contents",
      expected: "must be JSON",
      got: messageOf(error),
      remedy: "write it again",
      cause: error,
    });
  }
}

export async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size <= MOST_BYTES) return await readFile(file, "utf8");
  } catch (error) {
    failFile({
      file,
      place: "path",
      expected: "must be readable",
      got: messageOf(error),
      remedy: "check the path and its permissions",
      cause: error,
    });
  }
  return failFile({
    file,
    place: "contents",
    expected: `must have at most ${MOST_BYTES} bytes`,
    got: "more",
    remedy: "name another file",
  });
}

/** The file appears under its name when it is whole. */
export async function writeText(file: string, text: string): Promise<void> {
  const output = await openOutput(file);
  try {
    await output.write(Buffer.from(text));
  } catch (error) {
    await output.abandon();
    throw error;
  }
  await output.commit();
}

export async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
