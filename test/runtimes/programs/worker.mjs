// @ts-check
/**
 * A Cloudflare Worker. The engine is made inside the request, from the imported module:
 *
 *   /suite    the whole suite; /first  one answer with a fresh engine, and what it took
 *   /compile  what compiling bytes inside a request comes to here
 */
import * as logits from "logits";
import * as parallel from "logits/parallel";
import { suite } from "../conformance/suite.mjs";

// A module without anything in it.
const BYTES = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);

export default {
  async fetch(/** @type {Request} */ request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/suite") {
      const report = await suite({
        load: async () => logits,
        loadParallel: async () => parallel,
        alone: /edge runtime/,
        compiles: false,
      });
      return Response.json(report);
    }
    if (pathname === "/first") {
      const engine = logits.createEngine();
      const { data } = engine.softmax([2.5, 0.3, -1.2]);
      const { heldBytes } = engine.memory;
      return Response.json({ data: Array.from(data), heldBytes, names: Object.keys(logits) });
    }
    try {
      const module = new WebAssembly.Module(BYTES);
      return Response.json({ error: null, module: String(module) });
    } catch (error) {
      return Response.json({ error: String(error) });
    }
  },
};
