// @ts-check
/**
 * What happens where WebAssembly is missing or blocked, by taking it away: importing never throws,
 * and createEngine throws a typed error that names cause and remedy. Runs before anything compiles.
 */

/** @typedef {{ name: string, error?: string }} Check */

/**
 * @param {() => Promise<any>} load imports the package, here for the first time
 * @param {{ compiles: boolean }} entry whether the entry compiles bytes
 * @returns {Promise<Check[]>}
 */
export async function withoutWebAssembly(load, { compiles }) {
  const real = globalThis.WebAssembly;
  /** @type {[name: string, WebAssembly: any, words: string[]][]} */
  const absences = [
    ["without WebAssembly", undefined, ["has no WebAssembly;", "use a runtime"]],
    ["without SIMD", changed({ validate: () => false }), ["no WebAssembly SIMD;", "use Node"]],
  ];
  if (compiles) {
    const Module = function () {
      throw new real.CompileError("blocked by the embedder");
    };
    absences.push([
      "where compiling is blocked",
      changed({ Module }),
      ["blocked by the embedder", "'wasm-unsafe-eval'"],
    ]);
  }
  const checks = [];
  for (const [name, WebAssembly, words] of absences) {
    if (WebAssembly) globalThis.WebAssembly = WebAssembly;
    else Reflect.deleteProperty(globalThis, "WebAssembly");
    try {
      checks.push({ name, ...(await refusal(load, words)) });
    } finally {
      globalThis.WebAssembly = real;
    }
  }
  return checks;

  function changed(/** @type {object} */ members) {
    return Object.create(real, Object.getOwnPropertyDescriptors(members));
  }
}

/** Whether createEngine throws ERR_UNSUPPORTED with these words; what is wrong otherwise. */
export async function refusal(
  /** @type {() => Promise<any>} */ load,
  /** @type {readonly string[]} */ words,
) {
  let logits;
  try {
    logits = await load();
  } catch (error) {
    return { error: `the import throws ${error}` };
  }
  try {
    await logits.createEngine();
  } catch (error) {
    const { code, message } = /** @type {any} */ (error);
    const isTyped = error instanceof logits.LogitsError && code === "ERR_UNSUPPORTED";
    if (isTyped && words.every((word) => message.includes(word))) return {};
    return { error: `throws ${error}` };
  }
  return { error: "createEngine returns" };
}
