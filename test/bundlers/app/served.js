// @ts-check
/** The fixture app, for bundlers that do not copy the wasm files: they are served beside the page. */
import { suite } from "../../runtimes/conformance/suite.mjs";

const detail = await suite({
  load: () => import("logits"),
  loadUrl: () => import("logits/url"),
  loadParallel: () => import("logits/parallel"),
  urls: {
    strict: "/node_modules/logits/dist/wasm/strict.wasm",
    fma: "/node_modules/logits/dist/wasm/fma.wasm",
  },
});
dispatchEvent(new CustomEvent("result", { detail }));
