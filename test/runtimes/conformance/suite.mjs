// @ts-check
/**
 * Everything that a runtime is asked: first without WebAssembly, then the conformance cases, then
 * the streaming entry and the parallel one.
 */
import { conformance } from "./conformance.mjs";
import { urlChecks } from "./fromUrl.mjs";
import { parallelChecks } from "./parallel.mjs";
import { withoutWebAssembly } from "./withoutWebAssembly.mjs";

/**
 * @param {object} entry
 * @param {() => Promise<any>} entry.load the package
 * @param {() => Promise<any>} [entry.loadUrl] its entry logits/url, where it can run
 * @param {() => Promise<any>} [entry.loadParallel] its entry logits/parallel
 * @param {RegExp} [entry.alone] why logits/parallel has one thread here, where it has
 * @param {boolean} [entry.compiles] whether the entry compiles bytes
 * @param {string} [entry.base] address of the test's server
 * @param {object} [entry.urls] where the wasm files are, if not beside the module
 */
export async function suite({ load, loadUrl, loadParallel, alone, compiles = true, base, urls }) {
  const absences = await withoutWebAssembly(load, { compiles });
  const logits = await load();
  const result = conformance(logits);
  const fromUrl = loadUrl ? await urlChecks(await loadUrl(), logits, { base, urls }) : [];
  const parallel = loadParallel
    ? await parallelChecks(await loadParallel(), logits, { reason: alone })
    : [];
  const isShared = typeof SharedArrayBuffer === "function";
  return { ...result, isShared, checks: [...absences, ...fromUrl, ...parallel] };
}

/** @typedef {Awaited<ReturnType<typeof suite>>} SuiteReport */
