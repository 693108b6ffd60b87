/**
 * A fitted classifier as a file and back.
 */
import { failState } from "../check.js";
import { LogitsError } from "../errors.js";
import { type ClassName, Classes } from "./classes.js";
import type { Model } from "./fitRoom.js";
import type { Kind } from "./linearPass.js";
import { type SavedArray, readSaved, writeSaved } from "./saved.js";

const FORMAT = "logits.LinearClassifier.1";
const KINDS = ["softmax", "binary", "multiLabel"];

export function saveModel(kind: Kind, model: Model): Uint8Array {
  const { weight, bias, classes, features, scaling, objective } = model;
  const arrays: Record<string, SavedArray> = {};
  if (scaling) {
    arrays["mean"] = { dtype: "F64", shape: [features], data: scaling.mean };
    arrays["deviation"] = { dtype: "F64", shape: [features], data: scaling.deviation };
  }
  arrays["weight"] = { dtype: "F32", shape: [bias.length, features], data: weight };
  arrays["bias"] = { dtype: "F32", shape: [bias.length], data: bias };
  const metadata = {
    format: FORMAT,
    kind,
    classes: JSON.stringify(classes.names ?? classes.count),
    features: String(features),
    objective: String(objective),
  };
  return writeSaved(metadata, arrays);
}

export function loadModel(bytes: unknown): { kind: Kind; model: Model } {
  const fn = "load";
  const saved = readSaved(fn, bytes);
  const text = (name: string): string => {
    const value = Object.hasOwn(saved.metadata, name) ? saved.metadata[name] : undefined;
    return typeof value === "string" ? value : "";
  };
  const refuse = (what: string): never =>
    failState("ERR_FILE", `${fn}: bytes must be those of LinearClassifier.save, ${what}`);
  if (text("format") !== FORMAT) refuse("got another format");
  const kind = text("kind");
  const features = Number(text("features"));
  if (!KINDS.includes(kind)) refuse("got an unknown kind");
  if (!Number.isInteger(features) || features < 1) refuse("got a wrong number of features");
  const classes = readClasses(fn, text("classes")) ?? refuse("got wrong classes");
  const outputs = kind === "binary" ? 1 : classes.count;
  const scaling = saved.has("mean")
    ? {
        mean: saved.array("mean", "F64", [features]) as Float64Array,
        deviation: saved.array("deviation", "F64", [features]) as Float64Array,
      }
    : undefined;
  const weight = saved.array("weight", "F32", [outputs, features]) as Float32Array;
  const bias = saved.array("bias", "F32", [outputs]) as Float32Array;
  const objective = Number(text("objective"));
  return { kind: kind as Kind, model: { weight, bias, classes, features, scaling, objective } };
}

function readClasses(fn: string, text: string): Classes | undefined {
  try {
    return new Classes(fn, JSON.parse(text) as number | ClassName[], 1);
  } catch (error) {
    if (error instanceof LogitsError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
