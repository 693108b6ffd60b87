/**
 * Assertions on numbers whose failures show index, input, got, expected and ULP.
 */
import type { Bound } from "./tolerance.ts";
import { GREATEST, ulpDistance } from "./ulp.ts";

type Numbers = ArrayLike<number>;

export interface CloseOptions {
  /** Printed beside a failing element: the input at the same index. */
  readonly input?: Numbers;
  /** Printed first: seed, shape, options. */
  readonly context?: string;
}

/** Failures listed in one message. */
const LISTED = 5;

/**
 * Asserts |got − truth| ≤ bound for every element. A non-finite truth must be met exactly; a finite
 * one beyond the greatest float32 may also come as ±∞. Zeros match whatever their sign.
 *
 * @returns the greatest ULP distance, for reports.
 */
export function expectClose(
  got: number | Numbers,
  truth: number | Numbers,
  bound: Bound,
  { input, context }: CloseOptions = {},
): number {
  const gotten = toArray(got);
  const truths = toArray(truth);
  checkLengths(gotten, truths, context);
  const failures: string[] = [];
  let count = 0;
  let worst = 0;
  for (let i = 0; i < truths.length; i++) {
    const g = gotten[i] as number;
    const t = truths[i] as number;
    const distance = g === t ? 0 : ulpDistance(g, t);
    if (isClose(g, t, bound.allowed(t, i))) {
      if (Number.isFinite(distance)) worst = Math.max(worst, distance);
      continue;
    }
    count++;
    if (failures.length < LISTED) {
      const from = input === undefined ? "" : ` input ${show(input[i] as number)}`;
      const ulp = Number.isFinite(distance) ? distance.toPrecision(4) : "∞";
      failures.push(`  [${i}]${from} got ${show(g)} expected ${show(t)} (${ulp} ulp)`);
    }
  }
  if (count > 0) fail(`${count} of ${truths.length} not within ${bound.name}`, failures, context);
  return worst;
}

/** Whether each element has the same bits, all NaN being one value. */
export function sameBits(a: number | Numbers, b: number | Numbers): boolean {
  return firstDifference(toArray(a), toArray(b)) < 0;
}

/** Asserts the same bits: NaN is one value, 0 and −0 are two. */
export function expectSameBits(
  got: number | Numbers,
  expected: number | Numbers,
  context?: string,
): void {
  const gotten = toArray(got);
  const wanted = toArray(expected);
  checkLengths(gotten, wanted, context);
  const i = firstDifference(gotten, wanted);
  if (i < 0) return;
  const distance = ulpDistance(gotten[i] as number, wanted[i] as number);
  fail(
    "not the same bits",
    [`  [${i}] got ${show(gotten[i])} expected ${show(wanted[i])} (${distance} ulp)`],
    context,
  );
}

/** Asserts that every element is +0 or −0. */
export function expectZeros(got: Numbers, context?: string): void {
  const i = Array.from(got).findIndex((value) => value !== 0);
  if (i >= 0) fail("not all 0", [`  [${i}] got ${show(got[i])}`], context);
}

function isClose(got: number, truth: number, allowed: number): boolean {
  if (got === truth || Object.is(got, truth)) return true;
  if (!Number.isFinite(truth) || Number.isNaN(got)) return false;
  if (!Number.isFinite(got)) {
    return Math.sign(got) === Math.sign(truth) && Math.abs(truth) + allowed > GREATEST;
  }
  return Math.abs(got - truth) <= allowed;
}

/** First index where the arrays differ by bits, or −1. Object.is is that comparison. */
function firstDifference(a: Numbers, b: Numbers): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) if (!Object.is(a[i], b[i])) return i;
  return -1;
}

function checkLengths(got: Numbers, expected: Numbers, context: string | undefined): void {
  if (got.length !== expected.length) {
    fail(`got ${got.length} elements, expected ${expected.length}`, [], context);
  }
}

function fail(reason: string, lines: readonly string[], context: string | undefined): never {
  const heading = context === undefined ? reason : `${context}: ${reason}`;
  throw new Error([heading, ...lines].join("\n"));
}

function toArray(value: number | Numbers): Numbers {
  return typeof value === "number" ? [value] : value;
}

function show(value: number | undefined): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
