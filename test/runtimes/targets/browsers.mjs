// @ts-check
/** Chromium, Firefox ESR and WebKitGTK as Debian packages them. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { findProgram, run } from "../command.mjs";
import { judge } from "../judge.mjs";
import { PAGES, visit } from "./browser.mjs";

/** @typedef {import("../run.mjs").Target} Target */
/** @typedef {Parameters<typeof visit>[1]} Command */

const APT = "apt-get install --no-install-recommends";

/** @returns {Command} */
export const chromium = (/** @type {string} */ program) => (url, profile) => [
  program,
  [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    `--user-data-dir=${profile}`,
    url,
  ],
];

export const findChromium = () => findProgram("chromium") ?? findProgram("chromium-browser");

const FIREFOX_SETTINGS = {
  "app.normandy.enabled": false,
  "browser.aboutwelcome.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "toolkit.telemetry.reportingpolicy.firstRun": false,
};

/** @returns {Command} */
const firefox = (/** @type {string} */ program) => (url, profile) => {
  const lines = Object.entries(FIREFOX_SETTINGS).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${value});\n`,
  );
  writeFileSync(path.join(profile, "user.js"), lines.join(""));
  // Its home is written to as well.
  const home = path.join(profile, "home");
  mkdirSync(home);
  const args = ["--headless", "--no-remote", "--profile", profile, url];
  return [program, args, { HOME: home, MOZ_DISABLE_CONTENT_SANDBOX: "1" }];
};

/** @returns {Command} */
const webkit =
  (/** @type {string[]} */ [xvfb, program], settings = {}) =>
  (url, profile) => [
    xvfb,
    ["-a", program, url],
    { HOME: profile, WEBKIT_DISABLE_COMPOSITING_MODE: "1", ...settings },
  ];

function findWebkit() {
  const xvfb = findProgram("xvfb-run");
  const program = ["x86_64-linux-gnu", "aarch64-linux-gnu"]
    .map((machine) => `/usr/lib/${machine}/webkit2gtk-4.1/MiniBrowser`)
    .find((file) => existsSync(file));
  return xvfb && program ? [xvfb, program] : undefined;
}

/** @returns {Target} */
function browser(
  /** @type {string} */ name,
  /** @type {string} */ packages,
  /** @type {() => any} */ find,
  /** @type {(found: any) => Command} */ command,
  /** @type {(found: any) => Promise<string>} */ versionOf,
) {
  return {
    name,
    install: `${APT} ${packages}`,
    find,
    async run(context, found) {
      const reports = await visit(context, command(found), PAGES);
      const checks = reports.flatMap((report, i) => {
        const page = PAGES[i].title;
        if (report.error) return [{ name: page, error: String(report.error) }];
        // The first page's report is the row's own; all pages are held against the same bits.
        const judged = report.hashes ? judge(report) : report.checks;
        return i === 0 ? [isolation(report)] : judged.map(prefixed(page));
      });
      const first = reports[0].hashes ? reports[0] : undefined;
      return { version: await versionOf(found), report: first, checks };
    },
  };
}

function isolation(/** @type {any} */ report) {
  const check = { name: "isolated by COOP and COEP" };
  return report.isolated ? check : { ...check, error: "crossOriginIsolated is false" };
}

const prefixed = (/** @type {string} */ page) => (/** @type {any} */ check) => ({
  ...check,
  name: `${page}: ${check.name}`,
});

const version = async (/** @type {string} */ program) =>
  /\d+(\.\d+)+/.exec(await run(program, ["--version"]))?.[0] ?? "?";

/** MiniBrowser does not even say its version without a display. */
const webkitVersion = async (/** @type {string[]} */ [xvfb, program]) =>
  /\d+(\.\d+)+/.exec(await run(xvfb, ["-a", program, "--version"]))?.[0] ?? "?";

const WEBKIT_PACKAGES = "webkit2gtk-driver xvfb xauth";

/** @type {Target[]} */
export const BROWSERS = [
  browser("Chromium", "chromium", findChromium, chromium, version),
  browser("Firefox ESR", "firefox-esr", () => findProgram("firefox-esr"), firefox, version),
  browser("WebKitGTK", WEBKIT_PACKAGES, findWebkit, webkit, webkitVersion),
  browser(
    "WebKitGTK, all features",
    WEBKIT_PACKAGES,
    findWebkit,
    (found) => webkit(found, { JSC_useSharedArrayBuffer: "1", JSC_useWasmRelaxedSIMD: "1" }),
    webkitVersion,
  ),
];
