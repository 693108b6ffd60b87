import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, it, test } from "vitest";
import { logits } from "./command.ts";

const script = async (shell: string) => (await logits("completion", shell)).out;
const has = (shell: string) => spawnSync(shell, ["-c", "true"]).status === 0;

describe("completion", () => {
  it("completes commands and options in bash", async () => {
    const complete = (words: string[], at: number) => {
      const program = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${at}; _logits; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const text = execFileSync("bash", ["-c", `${all}\n${program}`], { encoding: "utf8" });
      return text.trim().split("\n");
    };
    const all = await script("bash");
    expect(complete(["logits", "s"], 1)).toEqual(["score", "softmax", "sigmoid"]);
    expect(complete(["logits", "eval", "--top"], 2)).toEqual(["--top-k"]);
    expect(complete(["logits", "calibrate", "x", "--met"], 3)).toEqual(["--method"]);
  });

  test.each(["bash", "zsh", "fish"])("names every command and option for %s", async (shell) => {
    const text = await script(shell);
    for (const name of ["eval", "merge", "calibrate", "completion"]) expect(text).toContain(name);
    for (const option of ["checkpoint-seconds", "label-smoothing", "out-format"]) {
      expect(text).toContain(option);
    }
    if (has(shell)) execFileSync(shell, ["-n"], { input: text });
  });

  it("refuses other shells", async () => {
    const { code, err } = await logits("completion", "toString");
    expect([code, err]).toEqual([
      2,
      'logits completion: completion knows bash, zsh, fish, got "toString"\n',
    ]);
  });
});
