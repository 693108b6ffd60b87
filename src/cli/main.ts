#!/usr/bin/env node
/**
 * The `logits` command: the process around run.ts.
 */
import { run } from "./run.js";

const controller = new AbortController();

/** The first Ctrl-C lets the command clean up; the second does not wait. */
function interrupt(): void {
  if (controller.signal.aborted) process.exit(130);
  controller.abort();
  process.stdin.destroy(); // what waits for input need not
}

process.on("SIGINT", interrupt);
process.on("SIGTERM", interrupt);
// A reader that has seen enough (`| head`) closes the pipe; writers meet it where they write.
process.stdout.on("error", () => {});

process.exitCode = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  terminal: process.stderr.isTTY === true,
  columns: process.stderr.columns ?? 80,
  signal: controller.signal,
});
