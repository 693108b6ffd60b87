/**
 * How far a file of rows is: a small JSON beside it that says which rows of which job its draft holds.
 */
import { rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { readCount, readField } from "../evaluate/state.js";
import { LogitsError } from "../errors.js";
import { failFile } from "../io/failFile.js";
import type { Draft } from "../io/output.js";
import { exists, readJson, writeText } from "./jsonFile.js";

export interface RowState extends Draft {
  /** What was asked for: a state of something else is refused. */
  readonly key: string;
  /** Rows of the shard that are in the draft. */
  readonly rows: number;
}

const KIND = "rows 1";

export const rowStateOf = (output: string): string => `${output}.checkpoint`;

export function writeRowState(output: string, { draft, ...rest }: RowState): Promise<void> {
  const state = { logits: "rows", version: 1, ...rest, draft: basename(draft) };
  return writeText(rowStateOf(output), `${JSON.stringify(state)}\n`);
}

export function dropRowState(output: string): Promise<void> {
  return rm(rowStateOf(output), { force: true });
}

/** The state of the same job; undefined where there is none, or its draft is gone. */
export async function readRowState(output: string, key: string): Promise<RowState | undefined> {
  const file = rowStateOf(output);
  if (!(await exists(file))) return undefined;
  const state = await readJson(file);
  const refuse = (expected: string, got: string, cause?: unknown): never =>
    failFile({
      file,
      place: "state",
      expected,
      got,
      remedy: "remove it, or leave out --resume to begin anew",
      cause,
    });
  try {
    const kind = `${String(readField(state, "logits"))} ${String(readField(state, "version"))}`;
    const name = String(readField(state, "draft"));
    const rows = readCount(readField(state, "rows"), "rows");
    const bytes = readCount(readField(state, "bytes"), "bytes");
    const isDraft = name === basename(name) && name.startsWith(`${basename(output)}.`);
    if (kind !== KIND || !isDraft || !name.endsWith(".part")) {
      refuse("must be of rows, version 1", kind.slice(0, 40));
    }
    if (readField(state, "key") !== key) {
      refuse("must be of the same files, rows and settings to resume from", "others");
    }
    const draft = join(dirname(output), name);
    return (await exists(draft)) ? { key, draft, rows, bytes } : undefined;
  } catch (error) {
    if (!(error instanceof LogitsError) || error.code === "ERR_FILE") throw error;
    return refuse("must be of rows, version 1", error.message, error);
  }
}
