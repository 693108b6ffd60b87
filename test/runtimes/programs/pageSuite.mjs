// @ts-check
/** A browser's page: the whole suite. */
import { suite } from "../conformance/suite.mjs";

const detail = await suite({
  load: () => import("logits"),
  loadUrl: () => import("logits/url"),
  base: location.origin,
});
dispatchEvent(new CustomEvent("result", { detail: { ...detail, isolated: crossOriginIsolated } }));
