// @ts-check
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { UserError, reason } from "./errors.mjs";

/**
 * Makes sure files can be written into `directory`, creating it if needed.
 *
 * @param {string} directory
 * @throws {UserError} if they cannot
 */
export function openReport(directory) {
  const remedy = "choose another directory with --report";
  const probe = join(directory, ".writable");
  try {
    makeDirectory(directory);
    writeFileSync(probe, "");
    rmSync(probe);
  } catch (error) {
    throw new UserError(`cannot write into ${directory} (${reason(error)}); ${remedy}`);
  }
  return {
    /**
     * Writes a file whole or not at all: under another name first, then renamed.
     *
     * @param {string} name
     * @param {string | Uint8Array} content
     */
    write(name, content) {
      const path = join(directory, name);
      try {
        writeFileSync(`${path}.part`, content);
        renameSync(`${path}.part`, path);
      } catch (error) {
        rmSync(`${path}.part`, { force: true });
        throw new UserError(`cannot write ${path} (${reason(error)}); ${remedy}`);
      }
    },
  };
}

/**
 * Creates a directory and its parents. (mkdirSync's own `recursive` never returns under /proc.)
 *
 * @param {string} directory absolute
 */
function makeDirectory(directory) {
  if (existsSync(directory)) return;
  if (dirname(directory) !== directory) makeDirectory(dirname(directory));
  mkdirSync(directory);
}
