/**
 * The one error class of the library. Every failure of a public call is a LogitsError whose `code`
 * is stable across versions; messages may be reworded.
 */

/**
 * - `ERR_ARGUMENT_TYPE`   an argument is of the wrong kind, or an option is unknown
 * - `ERR_ARGUMENT_VALUE`  an argument is of the right kind, but not an admissible value
 * - `ERR_SHAPE`           shapes or lengths disagree
 * - `ERR_TARGET_RANGE`    a class index is neither in [0, classes) nor ignored
 * - `ERR_STATE`           a disposed or foreign object, or a call after dispose
 * - `ERR_OUT_OF_MEMORY`   linear memory cannot grow as far as needed
 * - `ERR_UNSUPPORTED`     the runtime lacks WebAssembly, SIMD or what was asked for
 * - `ERR_FILE`            a file is not what it should be
 * - `ERR_ABORTED`         the call was cancelled
 * - `ERR_WORKER`          a worker died
 * - `ERR_TRAP`            WebAssembly trapped: the engine is broken and refuses further work
 */
export type ErrorCode =
  | "ERR_ARGUMENT_TYPE"
  | "ERR_ARGUMENT_VALUE"
  | "ERR_SHAPE"
  | "ERR_TARGET_RANGE"
  | "ERR_STATE"
  | "ERR_OUT_OF_MEMORY"
  | "ERR_UNSUPPORTED"
  | "ERR_FILE"
  | "ERR_ABORTED"
  | "ERR_WORKER"
  | "ERR_TRAP";

export interface LogitsErrorDetails {
  /** Name of the argument or option at fault. */
  readonly argument?: string | undefined;
  /** Place inside that argument, counted in elements. */
  readonly index?: number | undefined;
  readonly cause?: unknown;
}

/**
 * Thrown by every public function for every failure.
 *
 * @example
 * try {
 *   engine.crossEntropy(logits, [12]);
 * } catch (error) {
 *   if (error instanceof LogitsError && error.code === "ERR_TARGET_RANGE") console.log(error.index);
 * }
 */
export class LogitsError extends Error {
  override readonly name = "LogitsError";
  readonly code: ErrorCode;
  readonly argument: string | undefined;
  readonly index: number | undefined;

  constructor(code: ErrorCode, message: string, details: LogitsErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.argument = details.argument;
    this.index = details.index;
  }
}
