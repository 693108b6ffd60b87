/**
 * Calls of every operation, with inputs chosen so that rows are cut in every way there is: by rows, by
 * classes, staged, resident, along another axis, as halves, in place.
 */
import type { Engine, Operations, Tensor } from "../../src/index.ts";
import type { ParallelEngine } from "../../src/parallel/index.ts";
import { Random } from "../support/random.ts";

export type Maker = Pick<Engine, "tensor"> | Pick<ParallelEngine, "tensor">;
/** The arguments of one call; tensors are made by the engine that is called. */
export type Arguments = (make: Maker) => unknown[];

/** Round numbers and awkward ones; single rows, few rows, many; one long enough to be cut. */
const SHAPES: readonly (readonly [rows: number, classes: number])[] = [
  [1, 1],
  [5, 3],
  [3, 1023],
  [7, 5003],
  [1, 70001],
  [2, 40960],
  [1500, 17],
];

const seeded = new Random(20);
const values = new Map<number, Float32Array>();

/** N(0, 3²), with some specials where they spoil few rows; the same for the same length. */
function logits(length: number): Float32Array {
  const known = values.get(length);
  if (known) return known;
  const made = seeded.withSpecials(length, length < 40000 ? 0.0005 : 0);
  values.set(length, made);
  return made;
}

function tensorOf(make: Maker, shape: readonly number[], data: Float32Array): Tensor<"float32"> {
  const tensor = make.tensor(shape);
  tensor.data.set(data);
  return tensor;
}

/** float16 bits of small whole numbers: exact, so any conversion agrees. */
function halves(make: Maker, shape: readonly number[]): Tensor<"float16"> {
  const tensor = make.tensor(shape, "float16");
  tensor.data.set(
    Uint16Array.from({ length: tensor.length }, (_, i) => 0x3c00 + ((i * 37) % 4000)),
  );
  return tensor;
}

/** A call on arrays and on tensors, over every shape. */
function overShapes(rest: (rows: number, classes: number, make: Maker) => unknown[]): Arguments[] {
  return SHAPES.flatMap(([rows, classes]) => {
    const shape = [rows, classes];
    const data = logits(rows * classes);
    return [
      (make: Maker) => [{ data, shape }, ...rest(rows, classes, make)],
      (make: Maker) => [tensorOf(make, shape, data), ...rest(rows, classes, make)],
    ];
  });
}

/** Axes in the middle: of short rows and of longer ones, of images smaller than a tile and larger. */
const INNER_SHAPES: readonly (readonly [outer: number, classes: number, inner: number])[] = [
  [6, 33, 50],
  [2, 7, 3001],
  [3, 70, 61],
];

/** Along an axis in the middle, as arrays and tensors. */
function overAxis(rest: (rows: number, classes: number) => unknown[]): Arguments[] {
  return INNER_SHAPES.flatMap(([outer, classes, inner]) => {
    const shape = [outer, classes, inner];
    const data = logits(outer * classes * inner);
    const given = rest(outer * inner, classes);
    return [
      () => [{ data, shape }, ...given],
      (make: Maker) => [tensorOf(make, shape, data), ...given],
      (make: Maker) => [halves(make, shape), ...given],
    ];
  });
}

/** Arrays of a shape, each drawn once: drawing takes longer than most calls. */
function drawnOnce(
  draw: (rows: number, classes: number) => Float32Array,
): (rows: number, classes: number) => { data: Float32Array; shape: number[] } {
  const known = new Map<string, Float32Array>();
  return (rows, classes) => {
    const shape = [rows, classes];
    const data = known.get(`${shape}`) ?? draw(rows, classes);
    known.set(`${shape}`, data);
    return { data, shape };
  };
}

const targets = (rows: number, classes: number): Int32Array =>
  new Random(rows + classes).indices(rows, classes, 0.1);
const probabilities = drawnOnce((rows, classes) => new Random(rows).probabilities(rows, classes));
const weights = (classes: number): Float32Array => new Random(classes).uniforms(classes, 0, 2);
const upstream = (rows: number): Float32Array => new Random(rows).uniforms(rows, -1, 1);

/** Every fifth row and every third class left out. */
const masksOf = (rows: number, classes: number): { rowMask: boolean[]; classMask: boolean[] } => ({
  rowMask: Array.from({ length: rows }, (_, i) => i % 5 !== 3),
  classMask: Array.from({ length: classes }, (_, c) => c % 3 !== 1),
});
const keptTargets = (rows: number, classes: number): Int32Array =>
  targets(rows, classes).map((y) => (y % 3 === 1 ? y - 1 : y));
/** A second array of the logits' shape, finite. */
const other = drawnOnce((rows, classes) => new Random(rows * classes).normals(rows * classes, 2));
/** Two labels a row, or one where there is one class. */
const lists = (rows: number, classes: number): { data: Int32Array; shape: number[] } => {
  const data = new Int32Array(rows * classes).fill(-1);
  for (let i = 0; i < rows; i++) {
    data[i * classes] = i % classes;
    if (classes > 1) data[i * classes + 1] = (i + 1) % classes;
  }
  return { data, shape: [rows, classes] };
};
const sampledOf = (classes: number): Int32Array =>
  Int32Array.from({ length: classes - 1 }, (_, j) => (j * 7) % (classes + 1));

/** Many samples and few, long ones and short ones: (T, N, C). */
const ctc: Arguments[] = [
  [3, 1, 4],
  [40, 300, 7],
  [60, 5, 501],
].flatMap(([time, samples, classes]) => {
  const shape = [time!, samples!, classes!];
  const data = new Random(time!).uniforms(time! * samples! * classes!, -6, 0);
  const labels = Array.from({ length: samples! }, (_, n) =>
    Array.from({ length: 1 + (n % 3) }, (_unused, s) => 1 + ((n + s) % (classes! - 1))),
  );
  return [
    () => [{ data, shape }, labels, { grad: true }],
    (make: Maker) => [tensorOf(make, shape, data), labels, { grad: "inPlace" }],
    () => [{ data, shape }, labels, { reduction: "none", zeroInfinity: true }],
  ] as Arguments[];
});

const distributions: Arguments[] = [
  ...overShapes(() => [{}]),
  ...overShapes(() => [{ temperature: 0.7, allMasked: "zero" }]),
  ...overShapes((rows, classes, make) => [{ out: make.tensor([rows, classes]) }]),
  ...overAxis(() => [{ axis: 1 }]),
  (make) => {
    const x = tensorOf(make, [1, 70001], logits(70001));
    return [x, { out: x }];
  },
];

const elementwise: Arguments[] = [
  ...overShapes(() => [{}]),
  (make) => [halves(make, [70001])],
  (make) => {
    const x = tensorOf(make, [70001], logits(70001));
    return [x, { out: x }];
  },
];

/** Samples, over every shape; no row may hold NaN or +∞. */
function drawn(options: (classes: number) => object): Arguments[] {
  return SHAPES.flatMap(([rows, classes]) => {
    const shape = [rows, classes];
    const data = logits(rows * classes).map((z) => (z < Infinity ? Math.max(z, -1e4) : 0));
    return [
      () => [{ data, shape }, options(classes)],
      (make: Maker) => [tensorOf(make, shape, data), options(classes)],
    ];
  });
}

/** Layers of one chunk of rows and of several, with many rows, features or classes. */
const LAYERS: readonly (readonly [rows: number, features: number, classes: number])[] = [
  [1, 1, 1],
  [5, 3, 7],
  [300, 17, 131],
  [60, 3, 50021],
  [150, 2600, 5],
  [600, 70, 300],
];

/** A call on a layer of arrays and on one of tensors, over every size. */
function overLayers(rest: (rows: number, classes: number) => unknown[]): Arguments[] {
  return LAYERS.flatMap(([rows, features, classes]) => {
    const random = new Random(features);
    const input = { data: random.normals(rows * features), shape: [rows, features] };
    const weight = { data: random.normals(classes * features, 0.2), shape: [classes, features] };
    const bias = { data: random.normals(classes), shape: [classes] };
    return [
      () => [{ input, weight, bias }, ...rest(rows, classes)],
      (make: Maker) => [
        {
          input: tensorOf(make, input.shape, input.data),
          weight: tensorOf(make, weight.shape, weight.data),
          bias: tensorOf(make, bias.shape, bias.data),
        },
        ...rest(rows, classes),
      ],
    ];
  });
}

export const CASES: Record<keyof Operations, readonly Arguments[]> = {
  softmax: distributions,
  logSoftmax: distributions,
  logSumExp: [
    ...overShapes(() => [{}]),
    ...overAxis(() => [{ axis: 1, keepDims: true }]),
    ...overAxis(() => [{ axis: [0, 2] }]),
  ],
  sigmoid: elementwise,
  logSigmoid: elementwise,
  softplus: elementwise,
  crossEntropy: [
    ...overShapes((rows, classes) => [targets(rows, classes)]),
    ...overShapes((rows, classes) => [targets(rows, classes), { grad: true }]),
    ...overShapes((rows, classes) => [
      targets(rows, classes),
      { grad: "inPlace", labelSmoothing: 0.1, weight: weights(classes), zLoss: 1e-3 },
    ]).filter((_, i) => i % 2 === 1),
    ...overShapes((rows, classes, make) => [
      targets(rows, classes),
      {
        grad: make.tensor([rows, classes]),
        reduction: "none",
        upstream: upstream(rows),
        labelSmoothing: 0.1,
        softcap: 20,
        temperature: 1.5,
      },
    ]),
    ...overShapes((rows, classes) => [probabilities(rows, classes), { grad: true }]),
    ...overShapes((rows, classes) => [
      probabilities(rows, classes),
      { grad: true, labelSmoothing: 0.2, weight: weights(classes), reduction: "sum" },
    ]),
    ...overAxis((rows, classes) => [targets(rows, classes), { axis: 1, grad: true }]),
  ],
  nllLoss: [
    ...overShapes((rows, classes) => [
      targets(rows, classes),
      { weight: weights(classes), grad: true },
    ]),
    ...overAxis((rows, classes) => [targets(rows, classes), { axis: 1, reduction: "none" }]),
  ],
  binaryCrossEntropyWithLogits: [
    ...overShapes((rows, classes) => [probabilities(rows, classes), { grad: true }]),
    ...overShapes((rows, classes) => [
      probabilities(rows, classes),
      { weight: weights(classes), labelSmoothing: 0.1, reduction: "none", grad: true },
    ]),
    ...overShapes((rows, classes) => [
      probabilities(rows, classes),
      { posWeight: weights(classes), gradTargets: true, grad: true },
    ]),
  ],
  focalLoss: [
    ...overShapes((rows, classes) => [targets(rows, classes), { grad: true }]),
    ...overShapes((rows, classes) => [
      probabilities(rows, classes),
      {
        gamma: 1.5,
        alpha: weights(classes),
        labelSmoothing: 0.1,
        grad: "inPlace",
        gradTargets: true,
      },
    ]).filter((_, i) => i % 2 === 1),
    ...overShapes((rows, classes) => [
      keptTargets(rows, classes),
      { ...masksOf(rows, classes), grad: true, temperature: 1.5, gradTemperature: true },
    ]),
  ],
  polyLoss: [
    ...overShapes((rows, classes) => [
      targets(rows, classes),
      { weight: weights(classes), grad: true, softcap: 20 },
    ]),
    ...overAxis((rows, classes) => [targets(rows, classes), { axis: 1, reduction: "none" }]),
    ...overShapes((rows, classes) => [probabilities(rows, classes), { gradTargets: true }]),
  ],
  distillationLoss: (["forward", "reverse", "jensenShannon"] as const).flatMap((direction) => [
    ...overShapes((rows, classes) => [
      other(rows, classes),
      { direction, temperature: 2, grad: true, gradTargets: true, gradTemperature: true },
    ]),
    ...overShapes((rows, classes) => [
      other(rows, classes),
      { direction, ...masksOf(rows, classes), grad: true },
    ]),
  ]),
  klDivLoss: [
    ...overShapes((rows, classes) => [
      probabilities(rows, classes),
      { ...masksOf(rows, classes), grad: true, gradTargets: true },
    ]),
    ...overShapes((rows, classes) => [
      other(rows, classes),
      { logTarget: true, reduction: "none", grad: true },
    ]),
  ],
  sigmoidFocalLoss: [
    ...overShapes((rows, classes) => [probabilities(rows, classes), { alpha: 0.25, grad: true }]),
    ...overShapes((rows, classes) => [
      probabilities(rows, classes),
      {
        gamma: 1.5,
        ...masksOf(rows, classes),
        weight: weights(classes),
        grad: true,
        gradTargets: true,
      },
    ]),
  ],
  softMarginLoss: [
    ...overShapes((rows, classes) => [
      other(rows, classes),
      { ...masksOf(rows, classes), grad: true },
    ]),
  ],
  multilabelSoftMarginLoss: [
    ...overShapes((rows, classes) => [
      probabilities(rows, classes),
      { ...masksOf(rows, classes), weight: weights(classes), grad: true },
    ]),
  ],
  multiMarginLoss: [
    ...overShapes((rows, classes) => [
      targets(rows, classes),
      { p: 2, weight: weights(classes), grad: true },
    ]),
    ...overAxis((rows, classes) => [targets(rows, classes), { axis: 1, reduction: "none" }]),
  ],
  multilabelMarginLoss: [
    ...overShapes((rows, classes) => [lists(rows, classes), { grad: true }]),
    ...overShapes((rows, classes) => [
      lists(rows, classes),
      { rowMask: masksOf(rows, classes).rowMask, reduction: "none" },
    ]),
  ],
  linearCrossEntropy: [
    ...overLayers((rows, classes) => [targets(rows, classes), { grad: true }]),
    ...overLayers((rows, classes) => [
      probabilities(rows, classes),
      { grad: { weight: true }, labelSmoothing: 0.1, temperature: 1.5, reduction: "none" },
    ]),
    ...overLayers((rows, classes) => [
      keptTargets(rows, classes),
      { ...masksOf(rows, classes), grad: true, weight: weights(classes), softcap: 20 },
    ]),
  ],
  linearBinaryCrossEntropyWithLogits: overLayers((rows, classes) => [
    probabilities(rows, classes),
    { grad: true, posWeight: 2 },
  ]),
  linearScore: [
    ...overLayers((rows, classes) => [targets(rows, classes), { topK: Math.min(5, classes) }]),
    ...overLayers(() => [null, { temperature: 0.7 }]),
  ],
  ctcLoss: ctc,
  sampledSoftmaxLoss: [
    ...overShapes((rows, classes) => [
      targets(rows, classes),
      { sampled: sampledOf(classes), classes: classes + 1, grad: true },
    ]),
    ...overShapes((rows, classes) => [
      targets(rows, classes),
      { sampled: sampledOf(classes), classes: classes + 1, reduction: "none" },
    ]),
  ],
  argmax: [...overShapes(() => [{}]), ...overAxis(() => [{ axis: 1 }])],
  topK: [
    ...overShapes((_rows, classes) => [Math.min(5, classes)]),
    ...overAxis(() => [3, { axis: 1, largest: false }]),
  ],
  score: [
    ...overShapes((rows, classes) => [targets(rows, classes), { topK: Math.min(5, classes) }]),
    ...overShapes(() => [null, { temperature: 0.7 }]),
    ...overShapes((rows, classes) => [null, { classMask: masksOf(rows, classes).classMask }]),
    ...overAxis((rows, classes) => [targets(rows, classes), { axis: 1, topK: 3, floor: -9999 }]),
  ],
  sample: [
    ...drawn(() => ({})),
    ...drawn((classes) => ({ topK: Math.min(40, classes), topP: 0.9, seed: 2 ** 40 })),
    ...drawn(() => ({ temperature: 0.7, minP: 0.01, typicalP: 0.9, step: 3 })),
    ...drawn(() => ({ temperature: 0 })),
    ...drawn((classes) => ({ logitBias: [[classes - 1, 2]], repetitionPenalty: 1.2 })),
  ],
  gumbelSoftmax: [
    ...drawn(() => ({ seed: 3, tau: 0.7 })),
    ...drawn(() => ({ hard: true, step: 2 ** 40 })),
    ...overShapes((rows, classes, make) => [
      { upstream: other(rows, classes), grad: make.tensor([rows, classes]), row: 5 },
    ]),
    ...overAxis(() => [{ axis: 1, seed: 4 }]),
  ],
  threshold: [...overShapes(() => [{ probability: 0.7 }])],
};
