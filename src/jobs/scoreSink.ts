/**
 * Scores as text: a line for each row of classes, with the columns of engine.score.
 */
import type { RowBlock } from "../io/openRows.js";
import type { Output } from "../io/output.js";
import { shortest } from "../io/textRows.js";
import type { ParallelEngine } from "../parallel/parallelEngine.js";
import type { RowSink } from "./runRows.js";

export const SCORE_FORMATS = ["csv", "tsv", "jsonl"] as const;
export type ScoreFormat = (typeof SCORE_FORMATS)[number];

export interface ScoreSettings {
  /** How many of the most likely classes to list. */
  readonly topK: number;
  readonly temperature: number;
  readonly ignoreIndex: readonly number[];
  /** Names of the classes. */
  readonly names?: readonly string[] | undefined;
}

const NUMBERS = ["logSumExp", "max", "entropy", "margin", "targetLogprob"] as const;

/** @param done - rows that the output holds already */
export function openScores(
  engine: ParallelEngine,
  output: Output,
  done: number,
  format: ScoreFormat,
  settings: ScoreSettings,
): RowSink {
  let begun = done > 0;
  const begin = async (hasTargets: boolean): Promise<void> => {
    if (begun) return;
    begun = true;
    if (format !== "jsonl") await text(output, header(format, settings.topK, hasTargets));
  };
  return {
    async write(block, targets) {
      await begin(targets !== undefined);
      await text(output, await lines(engine, block, targets, format, settings));
    },
    async finish() {
      await begin(false);
      await output.commit();
    },
    abandon: () => output.abandon(),
  };
}

const text = (output: Output, content: string): Promise<void> => output.write(Buffer.from(content));

function header(format: ScoreFormat, topK: number, hasTargets: boolean): string {
  const cells = ["row", "argmax", "logSumExp", "max", "entropy", "margin", "flags"];
  if (hasTargets) cells.push("target", "targetLogprob", "rank");
  for (let i = 1; i <= topK; i++) cells.push(`class_${i}`, `logprob_${i}`);
  return `${cells.join(format === "csv" ? "," : "\t")}\n`;
}

async function lines(
  engine: ParallelEngine,
  block: RowBlock,
  targets: Int32Array | undefined,
  format: ScoreFormat,
  { topK, temperature, ignoreIndex, names }: ScoreSettings,
): Promise<string> {
  const options = { topK, temperature, ignoreIndex: ignoreIndex.length ? ignoreIndex : null };
  const scores = targets
    ? await engine.score(block, targets, options)
    : await engine.score(block, null, options);
  const count = scores.argmax.length;
  const perRow = count / block.shape[0]!;
  const said = (value: number): string => {
    if (Number.isFinite(value)) return shortest(value);
    if (format === "jsonl") return "null";
    return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  };
  const nameOf = (index: number): string => {
    const name = names?.[index] ?? String(index);
    if (format === "jsonl") return names ? JSON.stringify(name) : name;
    return /[",\t\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
  };
  let all = "";
  for (let i = 0; i < count; i++) {
    const row = block.firstRow * perRow + i;
    const [lse, max, entropy, margin, logprob] = NUMBERS.map((name) => {
      const column = scores[name];
      return column === undefined ? "" : said(column[i]!);
    }) as [string, string, string, string, string];
    const best = Array.from({ length: topK }, (_, k) => [
      nameOf(scores.topK!.indices.data[i * topK + k]!),
      said(scores.topK!.values.data[i * topK + k]!),
    ]);
    const [argmax, flags] = [nameOf(scores.argmax[i]!), scores.flags[i]!];
    if (format !== "jsonl") {
      const cells = [row, argmax, lse, max, entropy, margin, flags];
      if (targets) cells.push(targets[i]!, logprob, scores.rank![i]!);
      cells.push(...best.flat());
      all += `${cells.join(format === "csv" ? "," : "\t")}\n`;
      continue;
    }
    const target = targets
      ? `,"target":${targets[i]},"targetLogprob":${logprob},"rank":${scores.rank![i]}`
      : "";
    const list = (k: number): string => best.map((pair) => pair[k]).join(",");
    const top = topK > 0 ? `,"classes":[${list(0)}],"logprobs":[${list(1)}]` : "";
    all += `{"row":${row},"argmax":${argmax},"logSumExp":${lse},"max":${max},"entropy":${entropy},"margin":${margin},"flags":${flags}${target}${top}}\n`;
  }
  return all;
}
