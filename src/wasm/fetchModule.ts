/**
 * From a URL to a compiled module, streaming where the runtime can. What cannot be used is described
 * by its URL and by what came in its place.
 */
import { fail } from "../check.js";
import { compileFailed } from "./instantiate.js";
import { EXPECTED_FILE, type Origin, checkStamp } from "./stamp.js";

/** Fetches and compiles one file of the package; `argument` names the option that gave the URL. */
export async function fetchModule(url: URL, argument: string): Promise<WebAssembly.Module> {
  const origin: Origin = { fn: "createEngine", argument, from: ` from ${url.href}` };
  const response = await request(url, origin);
  const type = response.headers.get("content-type") ?? "";
  if (!response.ok) refuse(origin, `HTTP status ${response.status}`, "check the URL");
  const module =
    type.startsWith("application/wasm") && typeof WebAssembly.compileStreaming === "function"
      ? await compileStreaming(response, origin)
      : await compile(await read(response, origin), origin);
  checkStamp(module, origin);
  return module;
}

async function request(url: URL, origin: Origin): Promise<Response> {
  try {
    return await fileOrFetch(url);
  } catch (cause) {
    refuse(origin, `no answer (${String(cause)})`, "check the URL, or try again", cause);
  }
}

async function compileStreaming(response: Response, origin: Origin): Promise<WebAssembly.Module> {
  const copy = response.clone();
  try {
    return await WebAssembly.compileStreaming(response);
  } catch {
    return compile(await read(copy, origin), origin);
  }
}

async function read(response: Response, origin: Origin): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    refuse(origin, `an answer that broke off (${String(cause)})`, "try again", cause);
  }
}

async function compile(
  bytes: Uint8Array<ArrayBuffer>,
  origin: Origin,
): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    if (WebAssembly.validate(bytes)) compileFailed(cause);
    const [got, remedy] = describeBytes(bytes);
    refuse(origin, got, remedy, cause);
  }
}

/** What bytes are that do not compile, and what helps. */
function describeBytes(bytes: Uint8Array<ArrayBuffer>): [got: string, remedy: string] {
  const { length } = bytes;
  if (length === 0) return ["an empty file", "check the server"];
  const isMagic = MAGIC.every((byte, i) => i >= length || bytes[i] === byte);
  if (isMagic) {
    const needed = neededLength(bytes);
    return needed > length
      ? [`${length} bytes of a file of at least ${needed}`, "it was cut short; try again"]
      : [`a damaged wasm file of ${length} bytes`, "use the file of the installed version"];
  }
  const text = new TextDecoder().decode(bytes.subarray(0, 256)).trim();
  return /^<(?:!doctype|html)/i.test(text)
    ? [`an HTML page of ${length} bytes`, "serve the wasm file itself under this URL"]
    : [`${length} bytes that are no WebAssembly`, "serve the wasm file itself under this URL"];
}

const MAGIC = [0, 97, 115, 109, 1, 0, 0, 0];

/** Bytes that the sections found so far need; more than there are where the file was cut. */
function neededLength(bytes: Uint8Array): number {
  let end = MAGIC.length;
  while (end < bytes.length) {
    let size = 0;
    let at = end + 1;
    for (let shift = 0; ; shift += 7, at++) {
      const byte = bytes[at];
      if (byte === undefined) return at + 1;
      size += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    end = at + 1 + size;
  }
  return end;
}

function refuse(origin: Origin, got: string, remedy: string, cause?: unknown): never {
  const { fn, argument, from } = origin;
  fail("ERR_FILE", { fn, argument, expected: EXPECTED_FILE, gotText: got + from, remedy, cause });
}

/** Node's files without an import of node:fs, which a bundler for browsers would stumble over. */
interface WithNodeFiles {
  readonly process?: {
    getBuiltinModule?(id: string): { readFile(url: URL): Promise<Uint8Array<ArrayBuffer>> };
  };
}

async function fileOrFetch(url: URL): Promise<Response> {
  const { process } = globalThis as WithNodeFiles;
  if (url.protocol !== "file:" || !process?.getBuiltinModule) return fetch(url);
  return new Response(await process.getBuiltinModule("node:fs/promises").readFile(url));
}
