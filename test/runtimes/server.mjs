// @ts-check
/**
 * The server of the test pages, on a port of its own: files of the test folder, pages made on the
 * fly, wasm files that are not what they should be, and the reports of the pages.
 */
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";

/** @type {Record<string, string>} */
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".css": "text/css",
};

/**
 * @typedef {object} Page
 * @property {string} title
 * @property {string} html
 * @property {Record<string, string>} [headers]
 */

/** @typedef {{ origin: string, pages: Map<string, Page>, onReport: OnReport, close(): void }} Server */
/** Takes a page's report and names the address of the next page. */
/** @typedef {(page: string, report: any) => string | null} OnReport */

/** @returns {Promise<Server>} */
export async function startServer(/** @type {string} */ root) {
  const strict = readFileSync(path.join(root, "node_modules/logits/dist/wasm/strict.wasm"));
  const broken = brokenFiles(strict);
  /** @type {Server} */
  const state = { origin: "", pages: new Map(), onReport: () => null, close: () => {} };
  const server = createServer((request, response) => {
    const { pathname, search, searchParams } = new URL(request.url ?? "/", state.origin);
    const send = (
      /** @type {number} */ status,
      /** @type {string} */ type,
      /** @type {string | Buffer} */ body,
      headers = {},
    ) => response.writeHead(status, { "Content-Type": type, ...headers }).end(body);

    if (pathname === "/report") {
      const chunks = /** @type {Buffer[]} */ ([]);
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => {
        const report = JSON.parse(Buffer.concat(chunks).toString());
        const next = state.onReport(searchParams.get("page") ?? "", report);
        send(200, "application/json", JSON.stringify({ next }));
      });
      return;
    }
    const page = state.pages.get(pathname);
    if (page) {
      send(200, "text/html; charset=utf-8", page.html, page.headers);
      return;
    }
    if (pathname.startsWith("/broken/")) {
      broken(pathname.slice("/broken/".length) + search, send, response);
      return;
    }
    const file = path.join(root, path.normalize(decodeURIComponent(pathname)));
    if (!file.startsWith(root) || !existsSync(file) || !statSync(file).isFile()) {
      send(404, "text/plain", "not found");
      return;
    }
    const type = TYPES[path.extname(file)] ?? "text/plain";
    // A page that is isolated may load this in its frames, and start it as a worker.
    send(200, type, readFileSync(file), {
      "Cross-Origin-Resource-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  state.origin = `http://127.0.0.1:${address.port}`;
  state.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return state;
}

/** Answers for /broken/…; conformance/fromUrl.mjs says what each must come to. */
function brokenFiles(/** @type {Buffer} */ strict) {
  const WASM = "application/wasm";
  const page = "<!doctype html>\n<title>Not here</title>";
  const stamp = strict.lastIndexOf("logits");
  const older = Buffer.from(strict);
  older.write("0.0.1", stamp + "logits".length);
  const short = strict.subarray(0, strict.length / 3);
  /** @type {Record<string, [number, string, string | Buffer]>} */
  const answers = {
    "missing.wasm": [404, "text/plain", "not found"],
    "page.wasm": [200, "text/html", page],
    "page-as-wasm.wasm": [200, WASM, page],
    "text.wasm": [200, WASM, "version https://git-lfs.github.com/spec/v1"],
    "empty.wasm": [200, WASM, ""],
    "short.wasm": [200, "application/octet-stream", short],
    "short-as-wasm.wasm": [200, WASM, short],
    "older.wasm": [200, WASM, older],
    "unstamped.wasm": [200, WASM, strict.subarray(0, stamp - 3)],
  };
  const seen = new Set();
  return (
    /** @type {string} */ name,
    /** @type {(status: number, type: string, body: string | Buffer, headers?: object) => unknown} */ send,
    /** @type {import("node:http").ServerResponse} */ response,
  ) => {
    // Browsers of an isolated page and of any other ask from the same origin.
    if (name === "broken-off.wasm") {
      response.writeHead(200, { "Content-Type": WASM, "Content-Length": strict.length });
      response.write(short, () => setTimeout(() => response.destroy(), 20));
    } else if (name.startsWith("first-time.wasm")) {
      send(seen.has(name) ? 200 : 503, WASM, seen.has(name) ? strict : "busy");
      seen.add(name);
    } else {
      send(...(answers[name] ?? [404, "text/plain", "not found"]), { "Cache-Control": "no-store" });
    }
  };
}
