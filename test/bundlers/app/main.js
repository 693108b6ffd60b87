// @ts-check
/** The fixture app, for bundlers that follow `new URL(…, import.meta.url)` into the package. */
import { suite } from "../../runtimes/conformance/suite.mjs";

const detail = await suite({
  load: () => import("logits"),
  loadUrl: () => import("logits/url"),
  loadParallel: () => import("logits/parallel"),
});
dispatchEvent(new CustomEvent("result", { detail }));
