/**
 * Pages in Chromium and Firefox, cross-origin isolated and not. A browser that is not installed is
 * skipped; the suite's other rigs install theirs.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { beforeAll, describe, expect, test } from "vitest";
import type { Report } from "./page.ts";

interface Browser {
  readonly programs: readonly string[];
  arguments(profile: string): string[];
}

const BROWSERS: Record<string, Browser> = {
  Chromium: {
    programs: ["chromium", "chromium-browser", "google-chrome"],
    arguments: (profile) => [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-sync",
      "--disable-background-networking",
      "--disable-component-update",
      `--user-data-dir=${profile}`,
    ],
  },
  Firefox: {
    programs: ["firefox-esr", "firefox"],
    arguments: (profile) => ["--headless", "--no-remote", "--profile", profile],
  },
};

function installed(programs: readonly string[]): string | undefined {
  return programs.find((program) => {
    try {
      execFileSync(process.platform === "win32" ? "where" : "which", [program]);
      return true;
    } catch {
      return false;
    }
  });
}

const here = path.dirname(fileURLToPath(import.meta.url));
const worker = readFileSync(path.join(here, "../../src/parallel/worker.js"));
let page = "";

beforeAll(async () => {
  const built = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      target: "esnext",
      lib: { entry: path.join(here, "page.ts"), formats: ["es"], fileName: "page" },
    },
  });
  const [{ output }] = built as { output: { code?: string }[] }[];
  page = output[0].code!;
});

/** Serves the page and waits for its report. */
async function visit(program: string, browser: Browser, isolated: boolean): Promise<Report> {
  let settle: (report: Report) => void;
  const reported = new Promise<Report>((resolve) => (settle = resolve));
  const server: Server = createServer((request, response) => {
    if (isolated) {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    const script = { "/page.js": page, "/worker.js": worker }[request.url!];
    if (request.url === "/report") {
      let text = "";
      request.on("data", (part: Buffer) => (text += part.toString()));
      request.on("end", () => {
        response.end();
        settle(JSON.parse(text) as Report);
      });
    } else if (script === undefined) {
      response.setHeader("Content-Type", "text/html");
      response.end('<!doctype html><script type="module" src="/page.js"></script>');
    } else {
      response.setHeader("Content-Type", "text/javascript");
      response.end(script);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const profile = mkdtempSync(path.join(tmpdir(), "logits-page-"));
  const child: ChildProcess = spawn(
    program,
    [...browser.arguments(profile), `http://127.0.0.1:${port}/`],
    { stdio: "ignore", detached: true },
  );
  try {
    return await reported;
  } finally {
    const ended = once(child, "exit");
    process.kill(-child.pid!, "SIGKILL");
    await ended;
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

describe.each(Object.entries(BROWSERS))("%s", (_name, browser) => {
  const program = installed(browser.programs);

  test.skipIf(program === undefined)(
    "isolated: workers, the same bits, a lost one",
    async () => {
      const { differing, cases, ...found } = await visit(program!, browser, true);
      expect(found.error).toBeUndefined();
      expect(differing).toEqual([]);
      expect(cases).toBeGreaterThan(1000);
      expect(found).toMatchObject({ isolated: true, after: "done" });
      // Chromium gives an ended worker time to finish its piece.
      expect(found.lost).toMatch(/^(?:ERR_WORKER|done)$/);
      expect(found.threadsReason).toMatch(/cores/);
    },
    240_000,
  );

  test.skipIf(program === undefined)(
    "not isolated: alone, the same bits",
    async () => {
      const { differing, cases, ...found } = await visit(program!, browser, false);
      expect(found.error).toBeUndefined();
      expect(differing).toEqual([]);
      expect(cases).toBeGreaterThan(200);
      expect(found).toMatchObject({ isolated: false, threads: 1 });
      expect(found.threadsReason).toMatch(
        /^no shared memory: the page is not cross-origin isolated/,
      );
    },
    240_000,
  );
});
