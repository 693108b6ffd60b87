/**
 * Files that a path means: itself where it exists, else what matches its wildcards, in the order of
 * their names, numbers by value (part-2 before part-10).
 */
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { failFile } from "./failFile.js";

const WILDCARD = /[*?[]/;
const byName = new Intl.Collator("en", { numeric: true }).compare;

/**
 * `*` and `?` stand for characters other than a slash, `[abc]` and `[!a-c]` for one of a set. Files
 * whose name begins with a dot are matched by a dot only. `**` is not known.
 */
export async function expandPaths(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const given of paths) {
    if (given === "-" || !WILDCARD.test(given) || (await exists(given))) {
      files.push(given);
      continue;
    }
    const found = await matches(given);
    if (found.length === 0) {
      failFile({
        file: given,
        place: "path",
        expected: "must match a file",
        got: "none",
        remedy: "check the pattern and the folder",
      });
    }
    files.push(...found.sort(byName));
  }
  return files;
}

async function matches(pattern: string): Promise<string[]> {
  const { root } = path.parse(pattern);
  let places = [root];
  const parts = pattern.slice(root.length).split(/[\\/]+/);
  for (const [i, part] of parts.entries()) {
    const last = i === parts.length - 1;
    const next: string[] = [];
    for (const place of places) {
      const at = (name: string): string => (place === "" ? name : path.join(place, name));
      if (!WILDCARD.test(part)) {
        if (await exists(at(part))) next.push(at(part));
        continue;
      }
      const entries = await readdir(place === "" ? "." : place, { withFileTypes: true }).catch(
        () => [],
      );
      const expression = expressionOf(part);
      for (const entry of entries) {
        if (entry.name.startsWith(".") && !part.startsWith(".")) continue;
        if (!expression.test(entry.name) || (!last && entry.isFile())) continue;
        if (!last || !entry.isDirectory()) next.push(at(entry.name));
      }
    }
    places = next;
  }
  return places;
}

function expressionOf(part: string): RegExp {
  // Several stars in a row mean one: no pattern may take more than linear time for each star.
  const source = part.replace(/\*+/g, "*").replace(/\[!?[^\]/]+\]|[\s\S]/g, (token) => {
    if (token === "*") return "[^/]*";
    if (token === "?") return "[^/]";
    if (token.length === 1) return token.replace(/[\\^$.*+?()[\]{}|]/, "\\$&");
    const negated = token[1] === "!";
    return `[${negated ? "^" : ""}${token.slice(negated ? 2 : 1, -1).replace(/[\\^[]/g, "\\$&")}]`;
  });
  return new RegExp(`^${source}$`);
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
