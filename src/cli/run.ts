/**
 * The command as a function: arguments in, exit code out. 0 done, 1 bad input, 2 wrong usage, 130
 * interrupted.
 */
import { LogitsError } from "../errors.js";
import type { Command, Host } from "./command.js";
import { parseCommandLine } from "./options.js";
import { failUsage } from "./usage.js";

/** The commands by name, in the order of the help. Each is loaded when it is asked for. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  eval: async () => (await import("./eval.js")).EVAL,
  merge: async () => (await import("./eval.js")).MERGE,
  calibrate: async () => (await import("./calibrate.js")).CALIBRATE,
  train: async () => (await import("./train.js")).TRAIN,
  score: async () => (await import("./score.js")).SCORE,
  predict: async () => (await import("./predict.js")).PREDICT,
  softmax: async () => (await import("./transform.js")).SOFTMAX,
  "log-softmax": async () => (await import("./transform.js")).LOG_SOFTMAX,
  sigmoid: async () => (await import("./transform.js")).SIGMOID,
  info: async () => (await import("./info.js")).INFO,
  bench: async () => (await import("./bench.js")).BENCH,
  completion: async () => (await import("./completion.js")).completionCommand(allCommands),
};

const allCommands = (): Promise<Command[]> =>
  Promise.all(Object.values(COMMANDS).map((load) => load()));

async function commandNamed(name: string | undefined): Promise<Command | undefined> {
  return name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name]!() : undefined;
}

export async function run(args: readonly string[], host: Host): Promise<number> {
  const [name, ...rest] = args;
  const command = await commandNamed(name);
  try {
    if (command === undefined) return await general(name, host);
    if (rest.includes("--help")) {
      host.out((await import("./help.js")).commandHelp(command));
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

async function general(name: string | undefined, host: Host): Promise<number> {
  if (name === "--help" || name === "help") {
    const { generalHelp } = await import("./help.js");
    host.out(generalHelp(await allCommands()));
    return 0;
  }
  const known = Object.keys(COMMANDS).join(", ");
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
