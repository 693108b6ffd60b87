/**
 * The embedded default, `npm start`: the digits job through the parts of the package.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { logits } from "../cli/command.ts";
import { temporaryFolder } from "../io/folder.ts";

const folder = temporaryFolder();
const main = fileURLToPath(new URL("../../examples/digits/main.mjs", import.meta.url));

it("trains, judges as logits eval does, and draws with logits/report", async () => {
  const report = folder.at("report");
  const said = execFileSync(process.execPath, [main, "--report", report], { encoding: "utf8" });
  expect(said).toMatch(/accuracy +9\d\.\d/);
  const read = (name: string) => readFileSync(path.join(report, name), "utf8");
  const results = JSON.parse(read("report.json"));
  expect(results.accuracy).toBeGreaterThan(0.95);
  const [file, labels] = ["logits.npy", "targets.npy"].map((name) => path.join(report, name));
  const { out } = await logits(
    "eval",
    file,
    labels,
    "--json",
    "--numerics",
    results.engine.numerics,
  );
  const { count, accuracy, loss, brier, ece, confusion } = JSON.parse(out);
  expect({ count, accuracy, loss, brier, ece, confusion }).toEqual({
    count: results.count,
    accuracy: results.accuracy,
    loss: results.loss,
    brier: results.brier,
    ece: results.ece,
    confusion: results.confusion,
  });
  const page = read("report.html");
  for (const title of ["Cross entropy", "Confusion matrix", "Reliability", "Hardest digits"]) {
    expect(page).toContain(`<h2>${title}</h2>`);
  }
  expect(page).not.toMatch(/<script|https?:|NaN|undefined/);
});
