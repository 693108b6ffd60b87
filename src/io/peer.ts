/**
 * Packages that read formats which are not our field. They are optional peer dependencies, loaded
 * when a file needs them.
 */
import { failFile } from "./failFile.js";

/** What `load` imports; where the package is not installed, an error that says how to get it. */
export async function loadPeer<M>(
  file: string,
  format: string,
  name: string,
  load: () => Promise<M>,
): Promise<M> {
  try {
    return await load();
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_MODULE_NOT_FOUND") throw error;
    failFile({
      file,
      place: "path",
      expected: `reading ${format} must find the package ${name}`,
      got: "none",
      remedy: `run: npm install ${name}`,
      cause: error,
    });
  }
}
