// @ts-check
/** A browser's page: the whole suite. */
import { suite } from "../conformance/suite.mjs";

const detail = await suite({
  load: () => import("logits"),
  loadUrl: () => import("logits/url"),
  loadParallel: () => import("logits/parallel"),
  ...(crossOriginIsolated && typeof SharedArrayBuffer === "function"
    ? {}
    : { alone: /^no shared memory/ }),
  base: location.origin,
});
dispatchEvent(new CustomEvent("result", { detail: { ...detail, isolated: crossOriginIsolated } }));
