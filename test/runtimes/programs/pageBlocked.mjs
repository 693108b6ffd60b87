// @ts-check
/** A page whose Content-Security-Policy forbids WebAssembly: both entries say so. */
import { refusal } from "../conformance/withoutWebAssembly.mjs";

const words = ["'wasm-unsafe-eval'"];
const detail = {
  checks: [
    { name: "createEngine names the CSP token", ...(await refusal(() => import("logits"), words)) },
    {
      name: "createEngine of logits/url names the CSP token",
      ...(await refusal(() => import("logits/url"), words)),
    },
  ],
};
dispatchEvent(new CustomEvent("result", { detail }));
