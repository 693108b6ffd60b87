// @ts-check
/** Native contenders, where this machine has them: PyTorch from Debian, and our loops in C. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { availableBuilds } from "../harness/environment.mjs";
import { openChild } from "./child.mjs";

const fileOf = (/** @type {string} */ name) =>
  fileURLToPath(new URL(`native/${name}`, import.meta.url));

/** Debian's python3-torch belongs to Debian's python3. */
const PYTHONS = ["/usr/bin/python3", "python3"];

/** @type {import("./peer.ts").Peer} */
export const torch = {
  name: "PyTorch",
  async open() {
    const python = PYTHONS.find(
      (command) => spawnSync(command, ["-c", "import torch, numpy"]).status === 0,
    );
    if (!python) throw new Error("python3 has no torch; on Debian: apt-get install python3-torch");
    return openChild(
      python,
      [fileOf("torch_child.py")],
      [
        "softmax",
        "logSoftmax",
        "logSumExp",
        "sigmoid",
        "crossEntropy",
        "crossEntropy with gradient",
        "binaryCrossEntropyWithLogits",
        "binaryCrossEntropyWithLogits with gradient",
      ],
    );
  },
};

/**
 * With FMA where our own build has it, and with nothing beyond it: AVX-512 would bring more
 * registers than WebAssembly engines use at this width.
 *
 * @type {import("./peer.ts").Peer}
 */
export const c = {
  name: "C",
  async open() {
    const fused = availableBuilds()[0] === "fma";
    const folder = mkdtempSync(path.join(tmpdir(), "logits-bench-c-"));
    const program = path.join(folder, "loops");
    const width = ["-march=native", "-mno-avx512f", "-mprefer-vector-width=128"];
    const flavour = fused ? [] : ["-mno-fma", "-ffp-contract=off"];
    const define = `-DFLAVOUR="${fused ? " with FMA" : " without FMA"}"`;
    const args = ["-O3", ...width, ...flavour, define, fileOf("loops.c"), "-o", program, "-lm"];
    const { status, stderr, error } = spawnSync("gcc", args, { encoding: "utf8" });
    if (status !== 0) {
      rmSync(folder, { recursive: true });
      throw new Error(`gcc does not compile loops.c: ${error?.message ?? stderr}`);
    }
    const opened = await openChild(
      program,
      [],
      ["softmax", "crossEntropy", "crossEntropy with gradient", "sigmoid"],
    );
    rmSync(folder, { recursive: true }); // a running program needs no file
    return opened;
  },
};
