import { checkBoolean, checkNumber, checkOptions, checkWord, fail, failState } from "../check.js";
import type { Engine } from "../engine.js";
import type { ArrayResult, Logits } from "../types.js";
import type { ClassName, ClassTargets, Classes } from "./classes.js";
import {
  CLASSIFIER_OPTIONS,
  type LinearClassifierOptions,
  findClasses,
  readClasses,
  readWeights,
} from "./classifierOptions.js";
import { type Evaluated, evaluated, probabilitiesOf } from "./evaluated.js";
import { readMatrix } from "./features.js";
import { type FitOptions, type FitResult, readFitOptions, readOptimizer } from "./fitOptions.js";
import type { Batches, Model, Setup } from "./fitRoom.js";
import { fitRows } from "./fitRows.js";
import { fitStream } from "./fitStream.js";
import type { Kind } from "./linearPass.js";
import { loadModel, saveModel } from "./modelFile.js";
import { logitsOf } from "./predictions.js";
import { balancedWeights, readProblem } from "./problem.js";
/**
 * A linear classifier: logits = weight · x + bias, fitted to
 *
 *   objective = Σ w_y · loss / Σ w_y + (l2 / 2) · ‖weight‖²
 *
 * with cross entropy ("softmax") or binary cross entropy ("binary", "multiLabel") as loss, w the class
 * weights. From zeros, as the objective is convex. The same seed and data give the same bits.
 *
 * @param engine - does the work; a fit gives its memory back, whatever its end.
 * @throws {LogitsError} ERR_ARGUMENT_TYPE or ERR_ARGUMENT_VALUE for a wrong option; its methods too, and
 *   ERR_TARGET_RANGE for a target that is no class, ERR_SHAPE, ERR_ABORTED, ERR_STATE before a fit.
 *
 * Accuracy: "lbfgs" ends within 1e-6 of the least objective, relative, for l2 from 1e-3 on.
 * @example
 * const model = new LinearClassifier(engine, { l2: 1e-3, standardize: true });
 * await model.fit(features, ["setosa", "virginica", "setosa"]);
 * model.predict(features); // ["setosa", "virginica", "setosa"]
 */
export class LinearClassifier {
  readonly kind: Kind;
  readonly #engine: Engine;
  readonly #options: Partial<LinearClassifierOptions>;
  readonly #classes: Classes | undefined;
  #model: Model | undefined;
  #fitting = false;

  constructor(engine: Engine, options?: LinearClassifierOptions) {
    const fn = "LinearClassifier";
    const given = checkOptions(fn, options, CLASSIFIER_OPTIONS);
    this.kind = checkWord(fn, "kind", given.kind ?? "softmax", ["softmax", "binary", "multiLabel"]);
    checkNumber(fn, "l2", given.l2 ?? 0, { min: 0 });
    checkBoolean(fn, "standardize", given.standardize ?? false);
    checkBoolean(fn, "warmStart", given.warmStart ?? false);
    if (given.optimizer !== undefined) readOptimizer(fn, given.optimizer);
    if (given.classes !== undefined) this.#classes = readClasses(fn, this.kind, given.classes);
    if (given.classWeight !== undefined && this.kind === "multiLabel") {
      const expected = 'must not be given with kind "multiLabel"';
      fail("ERR_ARGUMENT_VALUE", { fn, argument: "classWeight", expected, got: given.classWeight });
    }
    this.#engine = engine;
    this.#options = given;
  }

  /** Names of the classes, or 0, 1, …; undefined as long as they are not known. */
  get classes(): readonly ClassName[] | undefined {
    const classes = this.#model?.classes ?? this.#classes;
    return classes && (classes.names ?? Array.from({ length: classes.count }, (_, i) => i));
  }
  /** (classes, features), or (1, features) for "binary"; of standardised features where they are. */
  get weight(): ArrayResult {
    const { weight, bias, features } = this.#fitted("weight");
    return { data: weight.slice(), shape: [bias.length, features], dtype: "float32" };
  }
  get bias(): ArrayResult {
    const { bias } = this.#fitted("bias");
    return { data: bias.slice(), shape: [bias.length], dtype: "float32" };
  }
  /** The objective of the last fit; NaN after a stream. */
  get objective(): number {
    return this.#fitted("objective").objective;
  }

  /**
   * Fits the classifier. An error, an aborted signal or what `onProgress` throws leaves the model as it
   * was; so does the first step of a fit that diverges, whose result says so.
   *
   * @param features - (rows, columns), finite.
   * @param targets - one class index or name per row; for "multiLabel" labels in [0, 1], (rows, classes).
   * @param options - see {@link FitOptions}.
   */
  async fit(
    features: Logits,
    targets: ClassTargets | Logits,
    options?: FitOptions,
  ): Promise<FitResult> {
    const fn = "fit";
    const { l2 = 0, optimizer = "lbfgs" } = this.#options;
    const rules = readFitOptions(fn, options, { l2, optimizer });
    const warm = this.#warm();
    const classes =
      this.#classes ?? warm?.classes ?? findClasses(this.#engine, fn, this.kind, targets);
    const columns = warm?.features;
    const read = (weights?: Float32Array): ReturnType<typeof readProblem> =>
      readProblem(this.#engine, fn, this.kind, classes, features, targets, columns, weights);
    let problem = read();
    const { classWeight } = this.#options;
    const weights =
      classWeight === "balanced"
        ? balancedWeights(problem.classOf!, classes.count)
        : readWeights(this.#engine, fn, classes, this.#options.classWeight);
    if (weights) problem = read(weights);
    const setup = this.#setup(classes, weights);
    return this.#take(() => fitRows(this.#engine, fn, setup, rules, problem, warm));
  }

  /**
   * Fits the classifier to batches as they come, a step of the optimizer each. `classes` must have been
   * given, and features are standardised only as an earlier fit with warmStart found.
   *
   * @param batches - `{ features, targets }` one after the other; a function that gives them anew for
   *   each epoch where there are several (default 1).
   */
  async fitStream(batches: Batches | (() => Batches), options?: FitOptions): Promise<FitResult> {
    const fn = "fitStream";
    const { l2 = 0, optimizer } = this.#options;
    const own = optimizer === undefined || optimizer === "lbfgs" ? "adam" : optimizer;
    const rules = readFitOptions(fn, { epochs: 1, ...options }, { l2, optimizer: own });
    const warm = this.#warm();
    const classes = this.#classes ?? warm?.classes;
    const refuse = (argument: string, expected: string): never =>
      fail("ERR_ARGUMENT_VALUE", { fn, argument, expected, gotText: "a stream" });
    if (rules.optimizer === "lbfgs") refuse("optimizer", "must be one of mini-batches");
    if (classes === undefined) return refuse("classes", "must be given to the classifier");
    if (this.#options.classWeight === "balanced") refuse("classWeight", "must be numbers");
    if (this.#options.standardize && !warm?.scaling) {
      refuse("standardize", "must come from an earlier fit, with warmStart");
    }
    if (rules.epochs > 1 && typeof batches !== "function") {
      refuse("batches", "must be a function that gives them anew for each epoch");
    }
    const setup = this.#setup(
      classes,
      readWeights(this.#engine, fn, classes, this.#options.classWeight),
    );
    return this.#take(() => fitStream(this.#engine, fn, setup, rules, batches, warm));
  }

  /** Logits, (rows, classes), or (rows, 1) for "binary". */
  predictLogits(features: Logits): ArrayResult {
    const model = this.#fitted("predictLogits");
    const matrix = readMatrix(this.#engine, "predictLogits", "features", features, model.features);
    const data = logitsOf(this.#engine, "predictLogits", matrix, model.scaling, model);
    return { data, shape: [matrix.rows, model.bias.length], dtype: "float32" };
  }

  /** Probabilities, (rows, classes): of classes they sum to 1, of labels each is its own. */
  predictProba(features: Logits): ArrayResult {
    return probabilitiesOf(this.#engine, this.kind, this.predictLogits(features));
  }

  /**
   * The most likely class of each row: indices, or names where classes have some. For "multiLabel" a
   * Uint8Array of the labels whose probability is above 1/2, row by row.
   */
  predict(features: Logits): Int32Array | ClassName[] | Uint8Array {
    const logits = this.predictLogits(features);
    if (this.kind === "multiLabel") return Uint8Array.from(logits.data, (z) => (z > 0 ? 1 : 0));
    const { classes } = this.#fitted("predict");
    const indices =
      this.kind === "binary"
        ? Int32Array.from(logits.data, (z) => (z > 0 ? 1 : 0))
        : this.#engine.argmax(logits).data;
    return classes.named(indices as Int32Array);
  }

  /** Mean loss, without penalty and class weights, and the share of rows (or labels) that are right. */
  evaluate(features: Logits, targets: ClassTargets | Logits): Evaluated {
    const fn = "evaluate";
    const { classes, features: columns } = this.#fitted(fn);
    const problem = readProblem(this.#engine, fn, this.kind, classes, features, targets, columns);
    return evaluated(this.#engine, this.kind, this.predictLogits(features), problem);
  }

  /** The fitted classifier as the bytes of a .safetensors file. */
  save(): Uint8Array {
    return saveModel(this.kind, this.#fitted("save"));
  }

  /**
   * The classifier that was saved, with `options` for further fits.
   *
   * @throws {LogitsError} ERR_FILE where the bytes are not those of {@link LinearClassifier.save}.
   */
  static load(
    engine: Engine,
    bytes: Uint8Array | ArrayBuffer,
    options?: Omit<LinearClassifierOptions, "kind" | "classes">,
  ): LinearClassifier {
    const { kind, model } = loadModel(bytes);
    const classes = model.classes.names ?? model.classes.count;
    const loaded = new LinearClassifier(engine, { ...options, kind, classes });
    loaded.#model = model;
    return loaded;
  }

  #setup(classes: Classes, classWeight: Float32Array | undefined): Setup {
    const { standardize = false } = this.#options;
    const outputs = this.kind === "binary" ? 1 : classes.count;
    return { kind: this.kind, classes, outputs, classWeight, standardize };
  }

  #warm(): Model | undefined {
    return this.#options.warmStart ? this.#model : undefined;
  }

  /** Runs a fit and takes its parameters, all at once and only at its end. */
  async #take(fit: () => Promise<{ model: Model; result: FitResult }>): Promise<FitResult> {
    if (this.#fitting) failState("ERR_STATE", "fit: a fit is under way; await it first");
    this.#fitting = true;
    try {
      const { model, result } = await fit();
      this.#model = model;
      return result;
    } finally {
      this.#fitting = false;
    }
  }

  #fitted(fn: string): Model {
    return this.#model ?? failState("ERR_STATE", `${fn}: the classifier was not fitted; call fit`);
  }
}
