/**
 * Reads the source tree, and reads a source file as far as the rules of the house need it: what it
 * imports, and what it says outside comments and strings.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export interface SourceFile {
  /** From the root of the repository, with forward slashes and extension: src/ops/softmax.ts */
  readonly path: string;
  readonly text: string;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Every TypeScript file below a folder that may not exist yet, without generated ones. */
export function readTree(folder: string): SourceFile[] {
  const root = path.join(ROOT, folder);
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => ({
      path: path.relative(ROOT, file).replaceAll(path.sep, "/"),
      text: readFileSync(file, "utf8"),
    }))
    .filter((file) => !file.path.endsWith(".generated.ts"))
    .sort((one, other) => (one.path < other.path ? -1 : 1));
}

const COMMENT = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/;
const STRING = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[\s\S])*`/;
/** A slash is a regular expression where a value may begin. */
const REGEX =
  /(?<=(?:[(,=:[!&|?{};+]|\breturn)\s*)\/(?![*/])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/;
const TOKEN = new RegExp(`(${COMMENT.source})|(${STRING.source})|(${REGEX.source})`, "g");

const blank = (text: string) => text.replace(/[^\n]/g, " ");

/** The text without comments, of the same length and lines. */
export function withoutComments(text: string): string {
  return text.replace(TOKEN, (token, comment) => (comment === undefined ? token : blank(token)));
}

/** The text without comments and without what stands between quotes, of the same length and lines. */
export function bare(text: string): string {
  return text.replace(TOKEN, (token, comment) =>
    comment === undefined ? token[0] + blank(token.slice(1, -1)) + token.at(-1) : blank(token),
  );
}

export interface ImportStatement {
  /** The module as written: "./check.ts", "@assemblyscript/loader", "node:fs". */
  readonly specifier: string;
  readonly line: number;
}

/** Everything a file imports: import and export statements, dynamic imports, types by import(). */
export function importsOf(text: string): ImportStatement[] {
  const code = bare(text);
  const words = withoutComments(text);
  const from = /\b(?:from|import)\s*\(?\s*(["'])/g;
  return [...code.matchAll(from)].map((match) => {
    const start = match.index + match[0].length;
    const end = code.indexOf(match[1], start);
    return { specifier: words.slice(start, end), line: lineAt(text, match.index) };
  });
}

export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

/** Lines that `pattern` finds outside comments and strings. */
export function linesMatching(text: string, pattern: RegExp): number[] {
  return [...bare(text).matchAll(new RegExp(pattern, "g"))].map(({ index }) => lineAt(text, index));
}

/** Path of the file that a relative import means, with its extension. */
export function resolveImport(importer: string, specifier: string): string {
  const target = path.posix.join(path.posix.dirname(importer), specifier);
  return target.replace(/(?:\.(?:ts|js))?$/, ".ts");
}
