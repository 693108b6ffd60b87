// @ts-check
/**
 * The entry logits/url: the same bits as the default entry, and typed errors with the URL and what
 * came for files that are not what they should be. The server's side is in ../server.mjs.
 */
import { CASES, runCase } from "./cases.mjs";
import { hashOf, leavesOf } from "./hash.mjs";

/** Bad files below /broken/, and words of the error. */
const BROKEN = [
  ["missing.wasm", "HTTP status 404"],
  ["page.wasm", "an HTML page of"],
  ["page-as-wasm.wasm", "an HTML page of"],
  ["text.wasm", "that are no WebAssembly"],
  ["empty.wasm", "an empty file"],
  ["short.wasm", "it was cut short"],
  ["short-as-wasm.wasm", "it was cut short"],
  ["older.wasm", "one of logits 0.0.1"],
  ["unstamped.wasm", "another wasm file"],
  ["broken-off.wasm", "broke"],
];

/**
 * @param {any} fromUrl logits/url
 * @param {any} logits
 * @param {{ base: string | undefined, urls: object | undefined }} where the server's address, and where its files are
 * @returns {Promise<{ name: string, error?: string }[]>}
 */
export async function urlChecks(fromUrl, logits, { base, urls }) {
  const checks = [
    await check("logits/url streams its file, with the same bits", async () => {
      const engine = await fromUrl.createEngine({ urls });
      const other = logits.createEngine();
      same(engine.numerics, other.numerics);
      same(String(Object.keys(fromUrl).sort()), String(Object.keys(logits).sort()));
      for (const one of CASES.slice(0, 20)) {
        const hash = (/** @type {any} */ result) => hashOf(leavesOf(result));
        same(runCase(engine, one, hash), runCase(other, one, hash));
      }
    }),
  ];
  if (base === undefined) return checks;
  for (const [file, words] of BROKEN) {
    const url = `${base}/broken/${file}`;
    checks.push(
      await check(`logits/url refuses ${file}`, () => refused(fromUrl, url, [words, url])),
    );
  }
  checks.push(
    await check("logits/url succeeds after a failure", async () => {
      const url = `${base}/broken/first-time.wasm?${Math.random()}`;
      await refused(fromUrl, url, ["HTTP status 503"]);
      const engine = await fromUrl.createEngine({ numerics: "strict", urls: { strict: url } });
      same(engine.argmax([1, 3, 2]).data[0], 1);
    }),
    await check("logits/url names a server that does not answer", () =>
      refused(fromUrl, "http://127.0.0.1:9/strict.wasm", ["no answer", "127.0.0.1:9"]),
    ),
  );
  return checks;
}

async function refused(
  /** @type {any} */ { createEngine, LogitsError },
  /** @type {string} */ url,
  /** @type {readonly string[]} */ words,
) {
  try {
    await createEngine({ numerics: "strict", urls: { strict: url } });
  } catch (error) {
    const { code, message, argument } = /** @type {any} */ (error);
    const isTyped = error instanceof LogitsError && code === "ERR_FILE";
    const isNamed = argument === "urls.strict" && words.every((word) => message.includes(word));
    if (isTyped && isNamed) return;
    throw error;
  }
  throw new Error("createEngine returned");
}

async function check(/** @type {string} */ name, /** @type {() => Promise<void>} */ run) {
  try {
    await run();
    return { name };
  } catch (error) {
    return { name, error: String(error) };
  }
}

function same(/** @type {unknown} */ got, /** @type {unknown} */ expected) {
  if (got !== expected) throw new Error(`got ${got}, expected ${expected}`);
}
