/**
 * The command as a process: standard input and output, exit codes, signals. Uses dist/, which
 * `npm test` builds where sources have changed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { LOGITS, allOf, fixture, temporaryFolder } from "../io/folder.ts";

const folder = temporaryFolder();
const preloads = temporaryFolder();
const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

function start(...args: string[]) {
  return startWith({}, ...args);
}

function startWith(env: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...env } });
  child.stdin.on("error", () => {}); // the process may end before it has read all
  const chunks: Buffer[] = [];
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk) => (err += chunk));
  const ended = once(child, "close").then(([code]) => ({ code, out: Buffer.concat(chunks), err }));
  return { child, ended };
}

describe("logits", () => {
  it("reads standard input and writes standard output", async () => {
    const { child, ended } = start("sigmoid", "-", "-", "--quiet");
    child.stdin.end(readFileSync(fixture("f4.npy.gz")));
    const { code, out, err } = await ended;
    expect([code, err]).toEqual([0, ""]);
    const rows = out.toString().trim().split("\n");
    expect(rows.map((row) => row.split(",").length)).toEqual([3, 3, 3, 3, 3, 3, 3]);
    expect(rows[0].split(",").map(Number)[0]).toBe(0.5);
  });

  it("passes .safetensors on from a stream, rows counted from its header", async () => {
    const { child, ended } = start(
      "eval",
      "-",
      fixture("labels-u1.npy"),
      "--name",
      "logits",
      "--json",
    );
    child.stdin.end(readFileSync(fixture("three.safetensors")));
    const { code, out } = await ended;
    expect([code, JSON.parse(out.toString()).count]).toEqual([0, LOGITS.length / 3]);
  });

  it.each([
    [["info", "absent.npy"], 1],
    [["info"], 2],
    [["--help"], 0],
  ])("%j exits with %i", async (args, wanted) => {
    const { code, err } = await start(...args).ended;
    expect([code, err.split("\n").length]).toEqual([wanted, wanted === 0 ? 1 : 2]);
  });

  it("a thread of eval that dies: one line, exit 1, no output", async () => {
    const dies = preloads.put(
      "dies.cjs",
      `if (!require("node:worker_threads").isMainThread) process.exit(3);`,
    );
    const output = preloads.at("state.json");
    const { code, out, err } = await startWith(
      { NODE_OPTIONS: `--require "${dies.replaceAll("\\", "/")}"` },
      "eval",
      fixture("f4-little-c.npy"),
      fixture("labels-u1.npy"),
      "--out",
      output,
      "--threads",
      "2",
      "--block-rows",
      "1",
      "--quiet",
    ).ended;
    expect([code, out.toString(), err]).toEqual([
      1,
      "",
      "logits eval: eval: a thread died (it ended); try again\n",
    ]);
    expect(existsSync(output)).toBe(false);
  });

  it("interrupted while it waits for input: 130, one line, nothing under the final name", async () => {
    const output = folder.at("out.csv");
    const { child, ended } = start("softmax", "-", output, "--format", "csv", "--block-rows", "1");
    child.stdin.write("1,2\n3,4\n".repeat(50_000));
    const folderOf = () => readdirSync(path.dirname(output)).length;
    while (folderOf() === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGINT");
    const { code, err } = await ended;
    expect([code, err.trim().split("\n").at(-1)]).toEqual([130, "logits softmax: interrupted"]);
    expect([existsSync(output), folderOf()]).toEqual([false, 0]);
  });

  it("killed: the file that was there is whole", async () => {
    const output = folder.put("kept.jsonl", "[1]\n");
    const { child, ended } = start("softmax", "-", output, "--format", "csv", "--block-rows", "1");
    child.stdin.write("1,2\n3,4\n".repeat(50_000));
    const count = readdirSync(path.dirname(output)).length;
    while (readdirSync(path.dirname(output)).length === count) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill("SIGKILL");
    await ended;
    expect((await allOf(output)).numbers).toEqual([1]);
  });
});
