/** logits/train: re-exports only. */
export { Adam } from "./adam.js";
export type { AdamOptions } from "./adam.js";
export { linear, linearGradients } from "./linear.js";
