/**
 * Runs the examples of a Markdown document and compares their results with what the document says.
 *
 * Every block fenced as ```js runs, in order; a block sees the names of the blocks before it and may
 * declare them again. A statement whose last line ends in a comment that states a value is a check
 * (expected.ts): an expression, `console.log(expression)` or `const name = …`. So is each row of a
 * table with the columns "call" (a code span) and "value". Blocks fenced as ```ts do not run.
 */
import { bare } from "../house/source.ts";
import { Thrown, parseExpected, statesValue } from "./expected.ts";
import type { Expectation } from "./expected.ts";

export interface Check {
  /** Line of the document where the check ends, counted from 1. */
  readonly line: number;
  readonly source: string;
  readonly expected: string;
  readonly compare: Expectation;
}

export interface Document {
  readonly checks: readonly Check[];
  /** Body of an async function of `check(line, thunk)` and `load(specifier)`. */
  readonly program: string;
}

export type Load = (specifier: string) => Promise<object>;

export const AS_WRITTEN = "as written";

export function readDocument(markdown: string): Document {
  const checks: Check[] = [];
  const program: string[] = [];
  let depth = 0;
  let fence: string | undefined;
  let statement: string[] = [];
  let table: { call: number; value: number } | undefined;

  const addCheck = (line: number, source: string, comment: string) => {
    const [expected, flat] = [comment.trim(), source.replace(/\s+/g, " ").trim()];
    checks.push({ line, source: flat, expected, compare: parseExpected(expected) });
    program.push(`await check(${line}, async () => (${source.trim().replace(/;$/, "")}));`);
  };

  for (const [index, text] of markdown.split("\n").entries()) {
    const line = index + 1;
    const fenceMark = /^\s*```(.*)$/.exec(text);
    if (fenceMark) {
      if (statement.length > 0) throw new SyntaxError(`line ${line}: the last statement is open`);
      fence = fence === undefined ? fenceMark[1].trim() : undefined;
      if (fence === "js") {
        program.push("{");
        depth++;
      }
    } else if (fence === "js") {
      const { code, comment } = splitComment(text);
      if (statement.length === 0 && code.trim() === "") continue;
      statement.push(code);
      const source = statement.join("\n");
      if (!isComplete(source)) continue;
      statement = [];
      addStatement(source, comment, line);
    } else if (fence === undefined) {
      const cells = cellsOf(text);
      if (!cells) table = undefined;
      else if (table === undefined) table = columnsOf(cells);
      else addRow(cells, table, line);
    }
  }
  program.push("}".repeat(depth));
  return { checks, program: program.join("\n") };

  function addStatement(source: string, comment: string, line: number) {
    const declared = /^\s*(?:const|let)\s+(\w+)\s*=/.exec(source);
    const isStatement = /^\s*(?:const|let|import|for|if|function|class|try|return|throw)\b/.test(
      source,
    );
    const hasValue = statesValue(comment);
    if (hasValue && isStatement && !declared) {
      throw new SyntaxError(
        `line ${line}: a value can follow an expression or const name = … only`,
      );
    }
    if (!hasValue || declared) program.push(importAsLoad(source));
    if (hasValue) addCheck(line, declared ? declared[1] : unwrapLog(source), comment);
  }

  function addRow(cells: string[], { call, value }: { call: number; value: number }, line: number) {
    const source = value < 0 ? null : /^`(.+)`$/.exec(cells[call] ?? "");
    if (source) addCheck(line, source[1], (cells[value] ?? "").replace(/^[`*]+|[`*]+$/g, ""));
  }
}

/** Runs a document; for each line with a check, AS_WRITTEN or what came instead. */
export async function runDocument(document: Document, load: Load): Promise<Map<number, string>> {
  const outcomes = new Map<number, string>();
  const checks = new Map(document.checks.map((check) => [check.line, check]));
  const check = async (line: number, evaluate: () => Promise<unknown>) => {
    const got = await evaluate().catch((error: unknown) => new Thrown(error));
    outcomes.set(line, checks.get(line)?.compare(got) ?? AS_WRITTEN);
  };
  try {
    const AsyncFunction = Object.getPrototypeOf(runDocument).constructor;
    await new AsyncFunction("check", "load", document.program)(check, load);
  } catch (error) {
    for (const line of checks.keys()) {
      if (!outcomes.has(line)) outcomes.set(line, `not reached: ${String(error)}`);
    }
  }
  return outcomes;
}

function splitComment(text: string): { code: string; comment: string } {
  const at = bare(text).search(/\s*$/); // bare() blanks the comment, and the quotes' content
  const comment = /^\s*\/\/\s*(.*)$/.exec(text.slice(at));
  return comment ? { code: text.slice(0, at), comment: comment[1] } : { code: text, comment: "" };
}

/** A statement ends with ; or } and closes what it opened. */
function isComplete(source: string): boolean {
  const code = bare(source);
  const opened = code.match(/[([{]/g)?.length ?? 0;
  const closed = code.match(/[)\]}]/g)?.length ?? 0;
  return opened === closed && /[;}]\s*$/.test(code);
}

function importAsLoad(source: string): string {
  const statement = /^\s*import\s+(\{[^}]*\})\s+from\s+(".+");$/.exec(source);
  if (!statement) return source;
  return `const ${statement[1].replace(/\sas\s/g, ": ")} = await load(${statement[2]});`;
}

function unwrapLog(source: string): string {
  return /^\s*console\.log\(([\s\S]*)\);$/.exec(source)?.[1] ?? source;
}

function cellsOf(text: string): string[] | undefined {
  const row = /^\s*\|(.*)\|\s*$/.exec(text);
  return row?.[1].split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function columnsOf(header: string[]): { call: number; value: number } {
  const titles = header.map((title) => title.toLowerCase());
  return { call: titles.indexOf("call"), value: titles.indexOf("value") };
}
