/**
 * Steps of a job that goes through its rows chunk by chunk.
 */
import type { Job, Operand, Step } from "./job.js";

/**
 * Rows [from, from + rows) of a job as a step. Operands in `local` hold the rows of the step alone;
 * the others hold those of the whole job.
 */
export function rowsOf(
  job: Job<unknown>,
  from: number,
  rows: number,
  local: ReadonlySet<Operand>,
  done = from,
): Step {
  const operands = job.operands.map((operand) =>
    local.has(operand) || from === 0 ? operand : shifted(operand, from),
  );
  return { ...job, rows, operands, done, finish() {} };
}

function shifted(operand: Operand, from: number): Operand {
  const { rowBytes, group, together, classes, whole, resident, deferrable, load, store } = operand;
  return {
    rowBytes,
    resident: resident && resident + from * rowBytes,
    ...(group !== undefined && { group }),
    ...(together !== undefined && { together }),
    ...(classes !== undefined && { classes }),
    ...(whole !== undefined && { whole }),
    ...(deferrable !== undefined && { deferrable }),
    ...(load && { load: (row, ...rest) => load.call(operand, row + from, ...rest) }),
    ...(store && { store: (row, ...rest) => store.call(operand, row + from, ...rest) }),
  };
}
