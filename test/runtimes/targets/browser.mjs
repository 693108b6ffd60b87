// @ts-check
/**
 * Opens pages in a browser without any driver: the browser is started on the first page, each page
 * sends its report to the server and is sent on to the next (programs/page.js).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { start } from "../command.mjs";

/** @typedef {import("../run.mjs").Context} Context */

/** Headers of a page that may share memory. */
export const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};
const PAGE_SECONDS = 60;
const NONCE = "bG9naXRz";

/** The one thing a page without a bundler needs: where the two packages are. */
export const IMPORT_MAP = JSON.stringify({
  imports: {
    logits: "/node_modules/logits/dist/index.js",
    "logits/url": "/node_modules/logits/dist/url.js",
    "logits/parallel": "/node_modules/logits/dist/parallel/index.js",
    "@assemblyscript/loader": "/node_modules/@assemblyscript/loader/index.js",
  },
});

/**
 * @param {string} title
 * @param {string} scripts after page.js
 * @param {Record<string, string>} [headers]
 * @returns {import("../server.mjs").Page}
 */
export function page(title, scripts, headers = {}) {
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title}</title>
<link rel="icon" href="data:,">
<script src="/programs/page.js" data-page="${title}"></script>
${scripts}
`;
  return { title, html, headers };
}

/** A page of one module that imports the package by an import map. */
function mapped(
  /** @type {string} */ title,
  /** @type {string} */ module,
  /** @type {Record<string, string>} */ headers = {},
) {
  const map = `<script type="importmap" nonce="${NONCE}">${IMPORT_MAP}</script>`;
  return page(title, `${map}\n<script type="module" src="${module}"></script>`, headers);
}

const policy = (/** @type {string} */ token) => ({
  "Content-Security-Policy": `default-src 'self'; img-src data:; script-src 'self' 'nonce-${NONCE}'${token}`,
});

/** What every browser opens: isolated, plain, and under a strict policy without and with the token. */
export const PAGES = [
  mapped("isolated", "/programs/pageSuite.mjs", ISOLATED),
  mapped("plain", "/programs/pageSuite.mjs"),
  mapped("CSP without wasm-unsafe-eval", "/programs/pageBlocked.mjs", policy("")),
  mapped("CSP with wasm-unsafe-eval", "/programs/pageSuite.mjs", {
    ...policy(" 'wasm-unsafe-eval'"),
  }),
  mapped("isolated, CSP without blob:", "/programs/pageWorkers.mjs", {
    ...ISOLATED,
    ...policy(" 'wasm-unsafe-eval'"),
  }),
];

/**
 * Opens the pages one after the other and gives their reports; a page that sends none has an error.
 *
 * @param {Context} context
 * @param {(url: string, profile: string) => [program: string, args: string[], env?: NodeJS.ProcessEnv]} command
 * @param {readonly import("../server.mjs").Page[]} pages
 * @returns {Promise<any[]>}
 */
export async function visit({ server }, command, pages) {
  const profile = mkdtempSync(path.join(tmpdir(), "logits-browser-"));
  const reports = new Map();
  const addressOf = (/** @type {number} */ i) => `/pages/${i}`;
  pages.forEach((one, i) => server.pages.set(addressOf(i), one));
  let onReport = () => {};
  server.onReport = (title, report) => {
    reports.set(title, report);
    onReport();
    const next = pages.findIndex((one) => !reports.has(one.title));
    return next < 0 ? null : addressOf(next);
  };
  const [program, args, env] = command(`${server.origin}${addressOf(0)}`, profile);
  const browser = start(program, args, { env });
  try {
    while (reports.size < pages.length) {
      const before = reports.size;
      const late = sleep(PAGE_SECONDS * 1000, undefined, { ref: false });
      await Promise.race([new Promise((resolve) => (onReport = () => resolve(undefined))), late]);
      if (reports.size === before) break;
    }
  } finally {
    await browser.stop();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    server.pages.clear();
  }
  const said = browser.errors().slice(-500);
  return pages.map(
    ({ title }) =>
      reports.get(title) ?? { error: `no report of the page; the browser said ${said}` },
  );
}
