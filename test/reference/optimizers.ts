/**
 * PyTorch's optimizers in float64, one parameter vector θ, and Adam in TensorFlow's form.
 */
export interface Settings {
  readonly rate: number;
  readonly weightDecay?: number;
  readonly momentum?: number;
  readonly dampening?: number;
  readonly nesterov?: boolean;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

/** Takes a step with gradient g. */
export type Step = (theta: Float64Array, g: ArrayLike<number>) => void;

export function sgd(length: number, settings: Settings): Step {
  const { rate, weightDecay = 0, momentum = 0, dampening = 0, nesterov = false } = settings;
  const b = new Float64Array(length);
  let t = 0;
  return (theta, grad) => {
    t++;
    for (let i = 0; i < length; i++) {
      const g = grad[i]! + weightDecay * theta[i]!;
      b[i] = t === 1 ? g : momentum * b[i]! + (1 - dampening) * g;
      const d = momentum === 0 ? g : nesterov ? g + momentum * b[i]! : b[i]!;
      theta[i]! -= rate * d;
    }
  };
}

export type AdamForm = "adam" | "adamW" | "tensorflow";

export function adam(length: number, form: AdamForm, settings: Settings): Step {
  const { rate, weightDecay = 0, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = settings;
  const m = new Float64Array(length);
  const v = new Float64Array(length);
  let t = 0;
  return (theta, grad) => {
    t++;
    const c1 = 1 - beta1 ** t;
    const c2 = 1 - beta2 ** t;
    for (let i = 0; i < length; i++) {
      if (form === "adamW") theta[i]! *= 1 - rate * weightDecay;
      const g = grad[i]! + (form === "adamW" ? 0 : weightDecay * theta[i]!);
      m[i] = beta1 * m[i]! + (1 - beta1) * g;
      v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
      theta[i]! -=
        form === "tensorflow"
          ? ((rate * Math.sqrt(c2)) / c1) * (m[i]! / (Math.sqrt(v[i]!) + epsilon))
          : (rate * (m[i]! / c1)) / (Math.sqrt(v[i]! / c2) + epsilon);
    }
  };
}
