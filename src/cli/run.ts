/**
 * The command as a function: arguments in, exit code out. 0 done, 1 bad input, 2 wrong usage, 130
 * interrupted.
 */
import { LogitsError } from "../errors.js";
import type { Command, Host } from "./command.js";
import { BENCH } from "./bench.js";
import { CALIBRATE } from "./calibrate.js";
import { completionCommand } from "./completion.js";
import { EVAL, MERGE } from "./eval.js";
import { commandHelp, generalHelp } from "./help.js";
import { INFO } from "./info.js";
import { parseCommandLine } from "./options.js";
import { PREDICT } from "./predict.js";
import { SCORE } from "./score.js";
import { TRAIN } from "./train.js";
import { TRANSFORMS } from "./transform.js";
import { failUsage } from "./usage.js";

const COMMANDS: readonly Command[] = [
  EVAL,
  MERGE,
  CALIBRATE,
  TRAIN,
  SCORE,
  PREDICT,
  ...TRANSFORMS,
  INFO,
  BENCH,
  completionCommand(() => COMMANDS),
];

export async function run(args: readonly string[], host: Host): Promise<number> {
  const [name, ...rest] = args;
  const command = COMMANDS.find((one) => one.name === name);
  try {
    if (command === undefined) return general(name, host);
    if (rest.includes("--help")) {
      host.out(commandHelp(command));
      return 0;
    }
    const { options, operands } = parseCommandLine(rest, command.options);
    checkCount(command, operands);
    await command.run({ name: command.name, options, operands, host });
    return 0;
  } catch (error) {
    const debug = args.includes("--debug");
    const prefix = command === undefined ? "logits" : `logits ${command.name}`;
    // What an interrupted command met on its way out is not what is wrong.
    const text = host.signal.aborted && !debug ? "interrupted" : messageOf(error, debug);
    host.err(`${prefix}: ${text}\n`);
    return exitCode(error, host);
  }
}

function general(name: string | undefined, host: Host): number {
  if (name === "--help" || name === "help") {
    host.out(generalHelp(COMMANDS));
    return 0;
  }
  const known = COMMANDS.map((command) => command.name).join(", ");
  if (name === undefined) return failUsage(`name a command: ${known}; try logits --help`);
  return failUsage(`unknown command ${JSON.stringify(name)}; known: ${known}; try logits --help`);
}

function checkCount({ count: [least, most], operands }: Command, given: readonly string[]): void {
  if (given.length < least || given.length > most) {
    failUsage(`needs ${operands}, got ${given.length} operands; try --help`);
  }
}

function messageOf(error: unknown, debug: boolean): string {
  if (!(error instanceof Error)) return String(error);
  if (debug) return `${error.stack}${error.cause === undefined ? "" : `\n${stackOf(error.cause)}`}`;
  return error.message.replace(/\s*\n\s*/g, " ");
}

function stackOf(cause: unknown): string {
  return `caused by ${cause instanceof Error ? cause.stack : String(cause)}`;
}

function exitCode(error: unknown, host: Host): number {
  if (host.signal.aborted) return 130;
  if (!(error instanceof LogitsError)) return 1;
  return error.code === "ERR_ARGUMENT_TYPE" || error.code === "ERR_ARGUMENT_VALUE" ? 2 : 1;
}
