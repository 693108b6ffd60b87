// @ts-check
/** The example apps, run from the packed package: a Node script, a static page, a Worker. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { build } from "esbuild";
import { visit } from "./browser.mjs";
import { chromium, findChromium } from "./browsers.mjs";

/** @typedef {import("../run.mjs").Target} Target */
/** @typedef {import("../judge.mjs").Check} Check */

/** @returns {Check} */
export function check(
  /** @type {string} */ name,
  /** @type {unknown} */ got,
  expected = /** @type {unknown} */ (true),
) {
  const [one, other] = [got, expected].map((value) => JSON.stringify(value));
  return one === other ? { name } : { name, error: `got ${one}, expected ${other}` };
}

function copyExample(
  /** @type {import("../run.mjs").Context} */ { root, folder },
  /** @type {string} */ name,
) {
  const target = path.join(folder, "examples", name);
  cpSync(path.join(root, "examples", name), target, { recursive: true });
  return target;
}

const FOUR = (/** @type {number} */ x) => Number(x.toFixed(4));

/** @type {Target} */
const nodeExample = {
  name: "examples/node",
  install: "",
  find: () => process.execPath,
  async run(context, program) {
    const main = path.join(copyExample(context, "node"), "main.mjs");
    const input = "[2.5, 0.3, -1.2]\n\n[1, 5, 1, 0]\n";
    const lines = execFileSync(program, [main], { input, encoding: "utf8" }).trim().split("\n");
    const results = lines.map((line) => JSON.parse(line));
    const bad = spawnSync(program, [main], { input: "[1]\n[1, \n", encoding: "utf8" });
    const checks = [
      check(
        "classes",
        results.map((one) => one.class),
        [0, 1],
      ),
      check("probability", FOUR(results[0].probability), 0.8806),
      check(
        "log-probabilities",
        results[0].top.map((/** @type {any} */ one) => FOUR(one.logprob)),
        [-0.1271, -2.3271, -3.8271],
      ),
      check("exit code for a bad line", bad.status, 1),
      check("names the line", /^line 2: .+\n$/.test(bad.stderr)),
    ];
    return { version: process.versions.node, checks };
  },
};

/** What the page's reader sees; sent once the table is there. */
const OBSERVER = `<script type="module">
  const read = () => Array.from(document.querySelectorAll("#rows td"), (cell) => cell.textContent);
  await import("/examples/browser/main.js");
  const first = read();
  const logits = document.getElementById("logits");
  logits.value = "0, 0";
  logits.dispatchEvent(new Event("input"));
  const second = read();
  document.getElementById("temperature").type = "text";
  document.getElementById("temperature").value = "-1";
  logits.dispatchEvent(new Event("input"));
  const message = document.getElementById("message").textContent;
  dispatchEvent(new CustomEvent("result", { detail: { first, second, message } }));
</script>
`;

/** @type {Target} */
const browserExample = {
  name: "examples/browser",
  install: "apt-get install --no-install-recommends chromium",
  find: findChromium,
  async run(context, program) {
    const folder = copyExample(context, "browser");
    const title = "examples/browser";
    const own = readFileSync(path.join(folder, "index.html"), "utf8");
    const html = own
      .replace(
        "<head>",
        `<head><base href="/examples/browser/"><script src="/programs/page.js" data-page="${title}"></script>`,
      )
      .replace("</body>", `${OBSERVER}</body>`);
    const [report] = await visit(context, chromium(program), [{ title, html }]);
    const checks = [
      check("loads", report.error ?? null, null),
      check("the table", report.first, ["0", "0.8806", "1", "0.0976", "2", "0.0218"]),
      check("the table after a change", report.second, ["0", "0.5000", "1", "0.5000"]),
      check("the message for a bad temperature", /temperature must be/.test(report.message)),
    ];
    return { version: "", checks };
  },
};

/** Trains without end and cancels, then trains, while a timer counts whether the page is free. */
const TRAINER = `<script type="module">
  const element = (id) => document.getElementById(id);
  const text = (id) => element(id).textContent;
  const until = async (is) => {
    while (!is()) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  await until(() => !element("train").disabled && text("state") === "ready");
  element("epochs").value = "1000000";
  element("train").click();
  await until(() => /^epoch/.test(text("state")));
  element("cancel").click();
  await until(() => !element("train").disabled);
  const cancelled = text("state");
  element("epochs").value = "60";
  let gap = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    gap = Math.max(gap, performance.now() - last);
    last = performance.now();
  }, 5);
  element("train").click();
  await until(() => !element("train").disabled);
  clearInterval(timer);
  dispatchEvent(new CustomEvent("result", {
    detail: { cancelled, state: text("state"), accuracy: text("accuracy"), ratio: text("ratio"), gap },
  }));
</script>
`;

/** @type {Target} */
const trainingExample = {
  name: "examples/training",
  install: "apt-get install --no-install-recommends chromium",
  find: findChromium,
  async run(context, program) {
    const folder = copyExample(context, "training");
    copyExample(context, "data");
    await build({
      entryPoints: [path.join(folder, "worker.js")],
      outfile: path.join(folder, "worker.bundle.js"),
      bundle: true,
      format: "esm",
      logLevel: "warning",
    });
    const title = "examples/training";
    const html = readFileSync(path.join(folder, "index.html"), "utf8")
      .replace(
        "<head>",
        `<head><base href="/examples/training/"><script src="/programs/page.js" data-page="${title}"></script>`,
      )
      .replace("</body>", `${TRAINER}</body>`);
    const [report] = await visit(context, chromium(program), [{ title, html }]);
    const { cancelled, state, accuracy, ratio, gap } = report;
    const checks = [
      check("loads", report.error ?? null, null),
      check("cancels", cancelled, "cancelled"),
      check("ends", state, "done"),
      check(`at least 95 % held out right: ${accuracy}`, parseFloat(accuracy) >= 95),
      check(`plain JavaScript at least 5 times as long: ${ratio}`, parseFloat(ratio) >= 5),
      check(
        "both learn the same",
        String(ratio).includes(` to ${parseFloat(accuracy).toFixed(1)} %`),
      ),
      check(`the page is free meanwhile: ${gap} ms at most`, gap < 250),
    ];
    return { version: "", checks, note: `${accuracy}; plain JavaScript ${ratio}` };
  },
};

/** @type {Target[]} */
export const EXAMPLES = [nodeExample, browserExample, trainingExample];

/** @returns {Promise<Check[]>} */
export async function classifyChecks(/** @type {string} */ origin) {
  const post = async (
    /** @type {string | Uint8Array} */ body,
    /** @type {string} */ type,
    { path: where = "/classify", method = "POST" } = {},
  ) => {
    const init =
      method === "GET"
        ? { method }
        : { method, body: /** @type {any} */ (body), headers: { "Content-Type": type } };
    const response = await fetch(origin + where, init);
    return {
      status: response.status,
      allow: response.headers.get("allow"),
      body: await response.json(),
    };
  };
  const JSON_TYPE = "application/json";
  const BYTES = "application/octet-stream";
  const json = (/** @type {unknown} */ body) => post(JSON.stringify(body), JSON_TYPE);
  const floats = new Uint8Array(Float32Array.of(2.5, 0.3, -1.2, 0, 0, 0).buffer);

  const one = await json({ logits: [2.5, 0.3, -1.2], k: 2 });
  const rows = await json({
    logits: [
      [2.5, 0.3, -1.2],
      [0, 0, 0],
    ],
  });
  const raw = await post(floats, BYTES, { path: "/classify?classes=3" });
  const [first] = one.body.rows;
  const checks = [
    check("status", one.status, 200),
    check("class", first.class, 0),
    check("softmax", first.softmax.map(FOUR), [0.8806, 0.0976, 0.0218]),
    check("logSoftmax", first.logSoftmax.map(FOUR), [-0.1271, -2.3271, -3.8271]),
    check("topK indices", first.topK.indices, [0, 1]),
    check("topK values", first.topK.values.map(FOUR), [-0.1271, -2.3271]),
    check("rows", rows.body.rows.length, 2),
    check("raw float32 as JSON", raw.body, rows.body),
  ];
  /** @type {[name: string, status: number, answer: ReturnType<typeof post>][]} */
  const refusals = [
    ["another path", 404, post("{}", JSON_TYPE, { path: "/" })],
    ["another method", 405, post("", "", { method: "GET" })],
    ["another type", 415, post("a=1", "application/x-www-form-urlencoded")],
    ["no JSON", 400, post("{", JSON_TYPE)],
    ["JSON without logits", 400, json({})],
    ["JSON that is null", 400, json(null)],
    ["logits that are text", 400, json({ logits: "2.5" })],
    ["no logits", 400, json({ logits: [] })],
    ["an empty row", 400, json({ logits: [[]] })],
    ["logits with a null", 400, json({ logits: [1, null] })],
    ["rows of two lengths", 400, json({ logits: [[1, 2], [3]] })],
    ["k above the classes", 400, json({ logits: [1, 2], k: 3 })],
    ["k that is text", 400, json({ logits: [1, 2], k: "1" })],
    ["half a float", 400, post(floats.subarray(0, 6), BYTES)],
    ["classes that do not fit", 400, post(floats, BYTES, { path: "/classify?classes=4" })],
    ["classes that are no number", 400, post(floats, BYTES, { path: "/classify?classes=x" })],
    ["an empty body", 400, post(new Uint8Array(0), BYTES)],
    ["too large a body", 413, post(new Uint8Array(5 * 2 ** 20), BYTES)],
  ];
  for (const [name, status, answer] of refusals) {
    const { status: got, body, allow } = await answer;
    checks.push(check(`${status} for ${name}`, got, status));
    checks.push(
      check(`words for ${name}`, typeof body.error === "string" && body.error.length > 3),
    );
    if (status === 405) checks.push(check("Allow", allow, "POST"));
  }
  return checks;
}
