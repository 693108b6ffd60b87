/**
 * The entry that streams its WebAssembly from a file: for pages that would rather cache 30 KB of wasm
 * than carry it inside their scripts. Everything else is as in the default entry.
 */
import { checkOptions, checkWord, fail } from "./check.js";
import {
  ENGINE_OPTIONS,
  NUMERICS,
  type Engine,
  type EngineOptions,
  engineFactory,
} from "./engine.js";
import type { Numerics } from "./types.js";
import { hasRelaxedSimd } from "./wasm/features.js";
import { fetchModule } from "./wasm/fetchModule.js";
import { isFusedModule, requireSimd } from "./wasm/instantiate.js";

export { LogitsError } from "./errors.js";
export { SCORE_FLAGS } from "./inputs/scoreColumns.js";
export type * from "./index.js";

export interface UrlEngineOptions extends EngineOptions {
  /**
   * Where the files are (default: beside this module, dist/wasm/strict.wasm and dist/wasm/fma.wasm).
   * Relative ones count from the page, as in fetch.
   */
  readonly urls?:
    | { readonly strict?: string | URL | undefined; readonly fma?: string | URL | undefined }
    | undefined;
}

/** Written out, so that bundlers see them, copy the files and put the final addresses here. */
const OWN_URLS: Readonly<Record<Numerics, () => URL>> = {
  strict: () => new URL("./wasm/strict.wasm", import.meta.url),
  fma: () => new URL("./wasm/fma.wasm", import.meta.url),
};

/**
 * Makes an engine from a wasm file that is fetched and compiled as it arrives. Each file is fetched
 * once; a failure is not kept, so a later call tries again.
 *
 * @param options - those of the synchronous createEngine, and `urls`.
 * @throws {LogitsError} by rejecting: ERR_FILE, with the URL and what came, where it is not a wasm
 *   file of this version; ERR_UNSUPPORTED as the synchronous createEngine.
 * @example
 * import { createEngine } from "logits/url";
 * const engine = await createEngine({ urls: { strict: "/strict.wasm", fma: "/fma.wasm" } });
 */
export async function createEngine(options?: UrlEngineOptions): Promise<Engine> {
  const fn = "createEngine";
  const { urls, ...rest } = checkOptions(fn, options, [...ENGINE_OPTIONS, "urls"]);
  const given = checkOptions(fn, urls, ["strict", "fma"]);
  requireSimd();
  const modules: { [N in Numerics]?: WebAssembly.Module } = {};
  const load = async (build: Numerics): Promise<WebAssembly.Module> =>
    (modules[build] = await fetchOnce(urlOf(build, given[build]), `urls.${build}`));
  const { module } = rest;
  const numerics = checkWord(fn, "numerics", rest.numerics ?? "auto", NUMERICS);
  if (module === undefined) {
    const fused = numerics !== "strict" && hasRelaxedSimd() && isFusedModule(await load("fma"));
    if (!fused && numerics !== "fma") await load("strict");
  }
  return engineFactory((build) => modules[build])(rest);
}

function urlOf(build: Numerics, given: string | URL | undefined): URL {
  if (given === undefined) return OWN_URLS[build]();
  try {
    return new URL(given, documentAddress());
  } catch (cause) {
    fail("ERR_ARGUMENT_VALUE", {
      fn: "createEngine",
      argument: `urls.${build}`,
      expected: "must be a URL",
      got: given,
      cause,
    });
  }
}

/** What relative URLs count from; undefined outside of pages and their workers. */
function documentAddress(): string | undefined {
  const { document, location } = globalThis as {
    document?: { readonly baseURI: string };
    location?: { readonly href: string };
  };
  return document?.baseURI ?? location?.href;
}

const fetched = new Map<string, Promise<WebAssembly.Module>>();

function fetchOnce(url: URL, argument: string): Promise<WebAssembly.Module> {
  const known = fetched.get(url.href);
  if (known) return known;
  const coming = fetchModule(url, argument);
  fetched.set(url.href, coming);
  coming.catch(() => fetched.delete(url.href));
  return coming;
}
