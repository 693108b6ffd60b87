// @ts-check
/**
 * Everything that a runtime is asked: first without WebAssembly, then the conformance cases, then
 * the streaming entry.
 */
import { conformance } from "./conformance.mjs";
import { urlChecks } from "./fromUrl.mjs";
import { withoutWebAssembly } from "./withoutWebAssembly.mjs";

/**
 * @param {object} entry
 * @param {() => Promise<any>} entry.load the package
 * @param {() => Promise<any>} [entry.loadUrl] its entry logits/url, where it can run
 * @param {boolean} [entry.compiles] whether the entry compiles bytes
 * @param {string} [entry.base] address of the test's server
 * @param {object} [entry.urls] where the wasm files are, if not beside the module
 */
export async function suite({ load, loadUrl, compiles = true, base, urls }) {
  const absences = await withoutWebAssembly(load, { compiles });
  const logits = await load();
  const result = conformance(logits);
  const fromUrl = loadUrl ? await urlChecks(await loadUrl(), logits, { base, urls }) : [];
  const isShared = typeof SharedArrayBuffer === "function";
  return { ...result, isShared, checks: [...absences, ...fromUrl] };
}

/** @typedef {Awaited<ReturnType<typeof suite>>} SuiteReport */
