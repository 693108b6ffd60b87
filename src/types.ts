/**
 * Words shared by every room: shapes, dtypes, what callers may pass and what they get.
 */

/** Storage types of arrays. `bfloat16` has no JavaScript array and travels as Uint16Array. */
export type DType = "float32" | "float16" | "bfloat16" | "int32" | "uint8";

/** "none": one loss per row (or element); "mean": divided by `divisor`; "sum". */
export type Reduction = "none" | "mean" | "sum";

/** What a mean divides by; see LossResult. */
export type Divisor = "weights" | "valid" | "nonzero" | "rows" | "elements" | number;

/** Libraries whose rules a loss can follow. */
export type Compat = "torch" | "keras" | "tensorflow" | "onnx" | "optax";

/** What a mean over nothing is: NaN (PyTorch), 0, or an error. */
export type OnEmpty = "nan" | "zero" | "throw";

export type Numerics = "strict" | "fma";

export type Shape = readonly number[];

/** A typed array over any kind of buffer. */
export type FloatArray = Float32Array | Float64Array;

/**
 * Arrays with a shape, by duck type: `shape` or `dims`, `dtype` or `type`. Tensors of ONNX Runtime
 * and transformers.js fit as they are.
 */
export interface ArrayLikeObject {
  readonly data: unknown;
  readonly shape?: Shape;
  readonly dims?: Shape;
  readonly dtype?: string;
  readonly type?: string;
}

/** An array in linear memory; see memory/tensor.ts. */
export interface TensorLike {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: ArrayBufferView;
  dispose(): void;
}

/**
 * Anything accepted as logits: a Tensor, `{ data, shape }` with float32, float64 (rounded to
 * float32), float16 or bfloat16 data, `number[]`, `number[][]` (and deeper), or a bare typed array
 * (one row).
 */
export type Logits =
  | TensorLike
  | ArrayLikeObject
  | Float32Array
  | Float64Array
  | readonly number[]
  | readonly NestedNumbers[];

export type NestedNumbers = readonly number[] | readonly NestedNumbers[];

/** An array result in JavaScript memory. */
export interface ArrayResult<D extends Float32Array | Int32Array | Uint8Array = Float32Array> {
  readonly data: D;
  readonly shape: Shape;
  readonly dtype: D extends Float32Array ? "float32" : D extends Int32Array ? "int32" : "uint8";
}

/** Result of a loss. `G` is the gradient's form, or undefined where none was asked for. */
export interface LossResult {
  /** A number for "mean" and "sum"; for "none" one float32 per row (or element). */
  readonly loss: number | Float32Array;
  /** Σ of the losses, float64, before any division. */
  readonly lossSum: number;
  /** Denominator of the default mean. */
  readonly weightSum: number;
  /** Rows (or elements) that were not ignored, whatever their weight. */
  readonly count: number;
  /** With `compat`: the rules that made `loss`. */
  readonly explain?: LossRules;
}

/** The rules that turned losses into `loss`, in words and numbers. */
export interface LossRules {
  readonly compat: Compat;
  readonly reduction: Reduction;
  readonly divisor: Divisor;
  /** What the losses were divided by; 1 unless the reduction is "mean". */
  readonly denominator: number;
  readonly onEmpty: OnEmpty;
  /**
   * How label smoothing goes: each class's share has its own weight, the target's weight multiplies
   * the smoothed loss, binary labels move towards 1/2, or not at all.
   */
  readonly smoothing: "classes" | "targets" | "labels" | "none";
  /** The same in one sentence. */
  readonly text: string;
}
