/**
 * The rules of the house, as functions from files to complaints. They hold for any list of files, so
 * that imports.test.ts can also show each of them an offender.
 */
import { bare, importsOf, lineAt, linesMatching, resolveImport } from "./source.ts";
import type { SourceFile } from "./source.ts";

export type Rule = (files: readonly SourceFile[]) => string[];

/** A room of the house: a folder or the file of that name. */
export type Floors = readonly (readonly string[])[];

/** From the ground up. Rooms of one floor do not import each other, except on the ground floor. */
export const SRC_FLOORS: Floors = [
  ["src/host", "src/types", "src/errors", "src/check", "src/optimize"],
  ["src/wasm"],
  ["src/memory"],
  ["src/inputs"],
  ["src/ops"],
  ["src/engine"],
  ["src/createEngine", "src/parallel"],
  ["src/index"],
  ["src/url", "src/workerd", "src/edgeLight"],
  ["src/evaluate", "src/train", "src/io"],
  ["src/jobs", "src/report"],
  ["src/cli", "src/queue"],
];

export const ASSEMBLY_FLOORS: Floors = [
  ["assembly/math", "assembly/simd"],
  ["assembly/kernels"],
  ["assembly/index", "assembly/unpack"],
];

export const LOADER = "@assemblyscript/loader";
const LOADER_FILE = "src/wasm/instantiate.ts";
const GROWER_FILE = "src/memory/arena.ts";
const ERROR_FILE = "src/check.ts";
const SCRATCH_FILE = "assembly/simd/scratch.ts";
/** The front doors are for callers; inside, a file names the file it needs. */
const DOORS = ["src/index.ts", "assembly/index.ts"];
/** Other entries of the package, which have the types of the front door. */
const SIDE_DOORS = ["src/url.ts", "src/workerd.ts", "src/edgeLight.ts"];
const HOST_ROOMS = ["src/io/", "src/jobs/", "src/cli/", "src/queue/"];

/** Imports go to the same room, to a lower floor, or sideways on the ground floor. */
export function importsPointDown(floors: Floors): Rule {
  const floorOf = (file: string) => floors.findIndex((rooms) => roomIn(rooms, file) !== undefined);
  const allowed = (importer: string, target: string) => {
    const [from, to] = [floorOf(importer), floorOf(target)];
    if (to < 0) return false;
    if (DOORS.includes(target)) return SIDE_DOORS.includes(importer);
    if (SIDE_DOORS.includes(target)) return false;
    if (to !== from) return to < from;
    return from === 0 || roomIn(floors[from], importer) === roomIn(floors[from], target);
  };
  return (files) =>
    files.flatMap((file) => {
      if (floorOf(file.path) < 0) {
        return [`${file.path} is in no room: add it to the floors in rules.ts`];
      }
      return relativeImports(file)
        .filter(({ target }) => !allowed(file.path, target))
        .map(({ target, line }) => `${file.path}:${line} imports ${target}, which is not below it`);
    });
}

/** A room is a folder, or the file of that name: src/engine/ and src/engine.ts are one. */
function roomIn(rooms: readonly string[], file: string): string | undefined {
  return rooms.find(
    (room) => [`${room}.ts`, `${room}.d.ts`].includes(file) || file.startsWith(`${room}/`),
  );
}

function relativeImports(file: SourceFile) {
  return importsOf(file.text)
    .filter(({ specifier }) => specifier.startsWith("."))
    .map(({ specifier, line }) => ({ target: resolveImport(file.path, specifier), line }));
}

/** Packages and Node: the loader in one file, node:* and other packages only in src/io and src/cli. */
export const packagesInTheirRooms: Rule = (files) =>
  files.flatMap((file) =>
    importsOf(file.text)
      .filter(({ specifier }) => !specifier.startsWith("."))
      .filter(({ specifier }) =>
        specifier === LOADER
          ? file.path !== LOADER_FILE
          : !HOST_ROOMS.some((room) => file.path.startsWith(room)),
      )
      .map(({ specifier, line }) => `${file.path}:${line} imports ${specifier}`),
  );

/** The front door holds `export … from` and nothing else. */
export const frontDoorReexportsOnly: Rule = (files) =>
  files
    .filter((file) => file.path === "src/index.ts")
    .flatMap((file) => {
      const reexport =
        /export\s+(?:type\s+)?(?:\{[^}]*\}|\*(?:\s+as\s+\w+)?)\s*from\s*(["']) *\1\s*;?/g;
      const rest = bare(file.text).replace(reexport, (statement) => statement.replace(/\S/g, " "));
      const at = rest.search(/\S/);
      return at < 0 ? [] : [`${file.path}:${lineAt(rest, at)} is not a re-export`];
    });

/** Kernels import files of assembly/ only. */
export const assemblyStandsAlone: Rule = (files) =>
  files.flatMap((file) =>
    importsOf(file.text)
      .filter(
        ({ specifier }) =>
          !specifier.startsWith(".") ||
          !resolveImport(file.path, specifier).startsWith("assembly/"),
      )
      .map(({ specifier, line }) => `${file.path}:${line} imports ${specifier}`),
  );

export function shorterThan(limit: number): Rule {
  return (files) =>
    files.flatMap((file) => {
      const lines = file.text.replace(/\n$/, "").split("\n").length;
      return lines < limit ? [] : [`${file.path} has ${lines} lines, the limit is ${limit}`];
    });
}

/** One place grows linear memory; kernels never do. */
export const memoryGrowsInTheArena: Rule = (files) =>
  saying(
    files.filter((file) => file.path !== GROWER_FILE),
    /\.\s*grow\s*\(/,
    "grows memory",
  );

/** Static blocks are tables with contents: one without is scratch, which instances must not share. */
export const scratchIsTheInstances: Rule = (files) =>
  saying(
    files.filter((file) => file.path !== SCRATCH_FILE),
    /\bmemory\s*\.\s*data\s*\(\s*[^<\s[]/,
    "reserves static scratch",
  );

/** One place words the errors. */
export const errorsAreBuiltInCheck: Rule = (files) =>
  saying(
    files.filter((file) => file.path !== ERROR_FILE),
    /\bnew\s+LogitsError\b/,
    "builds a LogitsError",
  );

/** Every failure of a public call is a LogitsError. The arena throws what memory.grow would. */
export const noOtherErrors: Rule = (files) =>
  saying(
    files.filter((file) => file.path !== GROWER_FILE),
    /\bnew\s+(?:Type|Range|Syntax|Reference|Eval|URI)?Error\b/,
    "builds another error",
  );

function saying(files: readonly SourceFile[], pattern: RegExp, what: string): string[] {
  return files.flatMap((file) =>
    linesMatching(file.text, pattern).map((line) => `${file.path}:${line} ${what}`),
  );
}
