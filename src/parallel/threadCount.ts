/** How many threads compute: 1 to 128, by default one a core and at most 8. */
import { checkNumber } from "../check.js";
import { countCores } from "./host.js";

export const MAX_DEFAULT_THREADS = 8;
const RANGE = { min: 1, max: 128, integer: true };

export function readThreads(fn: string, threads: number | undefined): number {
  const most = Math.max(1, Math.min(countCores(), MAX_DEFAULT_THREADS));
  return checkNumber(fn, "threads", threads ?? most, RANGE);
}
