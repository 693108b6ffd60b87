/**
 * Runs the command inside the test, with what it prints gathered.
 */
import { run } from "../../src/cli/run.ts";

export async function logits(...args: string[]) {
  return logitsWith({}, ...args);
}

export async function logitsWith(
  host: { terminal?: boolean; signal?: AbortSignal },
  ...args: string[]
) {
  let out = "";
  let err = "";
  const code = await run(args, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    terminal: false,
    columns: 80,
    signal: new AbortController().signal,
    ...host,
  });
  return { code, out, err };
}
