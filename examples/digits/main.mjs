// @ts-check
/**
 * Trains a softmax regression on handwritten digits and writes report/.
 *
 *   node examples/digits/main.mjs [--data FILE] [--report DIRECTORY]
 */
import { join, relative, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { LogitsError, createEngine } from "../../dist/index.js";
import { writeNpy } from "../../dist/io/index.js";
import { CLASSES, loadDigits } from "./dataset.mjs";
import { UserError, reason } from "./errors.mjs";
import { toJson } from "./format.mjs";
import { createModel, judge } from "./model.mjs";
import { openReport } from "./output.mjs";
import { createProgress } from "./progress.mjs";
import { createRandom } from "./random.mjs";
import { renderReport } from "./report.mjs";
import { summarise } from "./results.mjs";
import { SETTINGS } from "./settings.mjs";
import { split } from "./split.mjs";
import { summaryTable } from "./summary.mjs";
import { train } from "./train.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** @param {string[]} args */
async function run(args) {
  const paths = readArguments(args);
  const data = loadDigits(paths.data);
  const report = openReport(paths.report); // before the work, so that a bad path fails at once
  const random = createRandom(SETTINGS.seed);
  const { training, heldOut } = split(data, SETTINGS.heldOutShare, random);

  const engine = createEngine();
  const model = createModel(engine);
  console.log(
    `softmax regression, ${training.rows} digits to learn from, ${heldOut.rows} held out`,
  );
  const start = performance.now();
  const onEpoch = createProgress(process.stdout, SETTINGS.epochs);
  const curve = await train(model, { training, heldOut }, SETTINGS, onEpoch);
  const seconds = (performance.now() - start) / 1000;

  const judged = judge(engine, model, heldOut);
  const results = summarise(judged, heldOut.labels, {
    engine,
    trainingRows: training.rows,
    settings: SETTINGS,
    curve,
  });
  const logits = { data: judged.logits, shape: [heldOut.rows, CLASSES] };
  await writeNpy(join(paths.report, "logits.npy"), logits);
  const targets = { data: heldOut.labels, shape: [heldOut.rows] };
  await writeNpy(join(paths.report, "targets.npy"), targets);
  report.write("report.json", `${toJson(results)}\n`);
  report.write("report.html", renderReport(results, judged, heldOut));

  console.log(`\n${summaryTable(results, seconds)}\n`);
  console.log(
    `${relative(process.cwd(), paths.report) || "."}/report.html  report.json  logits.npy  targets.npy`,
  );
}

/** @param {string[]} args */
function readArguments(args) {
  const defaults = {
    data: resolve(ROOT, "examples/data/digits.csv"),
    report: resolve(ROOT, "report"),
  };
  try {
    const { values } = parseArgs({
      args,
      options: {
        data: { type: "string", default: defaults.data },
        report: { type: "string", default: defaults.report },
      },
    });
    return { data: resolve(values.data ?? ""), report: resolve(values.report ?? "") };
  } catch (error) {
    throw new UserError(`${reason(error)}; usage: main.mjs [--data FILE] [--report DIRECTORY]`);
  }
}

// A reader that leaves early (npm start | head) is no reason to lose the report.
process.stdout.on("error", (error) => {
  if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EPIPE") throw error;
});

try {
  await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UserError || error instanceof LogitsError)) throw error;
  console.error(`digits: ${error.message}`);
  process.exitCode = 1;
}
