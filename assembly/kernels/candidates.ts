/**
 * The tokens a row may still be drawn from, and the filters that shorten the list.
 *
 * Mathematics
 *   x_j = (z_j − m) / T ≤ 0,   w_j = e^(x_j),   p_j = w_j / Σ w over the list
 *   top-p    the shortest beginning of the list, by falling x, with Σ w ≥ p · Σ w of all
 *   min-p    w_j ≥ min · w_max  ⇔  x_j ≥ ln min
 *   typical  the shortest beginning, by rising |−ln p_j − H|, with Σ w ≥ typical · Σ w of all;
 *            H = −Σ p ln p
 *
 * Layout
 *   A candidate, 32 bytes: f64 x · f64 w · f64 key · i32 id; before the list, 8192 bytes for keepMass.
 *   Filters by mass order only the candidates near the boundary, in a heap by key (the greater first,
 *   then the lower id): linear time, no sort.
 *   All arithmetic is float64 with the module's own exp and log: the same list in every build.
 */
import { ENTRY, BLOCK } from "./rowTable";

/** Bytes of a candidate; src/ops/sample.ts reserves as many for each class. */
const SIZE: usize = 32;

/**
 * Tokens whose x is below this are never drawn: the noise of noise.ts spans less than 41.
 */
const NEVER: f64 = -42;

/** Buckets of keepMass, 1/16 wide, and the bytes of their masses in front of the list. */
const BUCKETS: i32 = 1024;
const MASSES: usize = 8192;

/** The list: address of its first candidate, and how many there are. */
export let firstPtr: usize = 0;
export let count: i32 = 0;

// @ts-ignore: decorator
@inline
function at(index: i32): usize {
  return firstPtr + <usize>index * SIZE;
}

export function candidateX(index: i32): f64 {
  return load<f64>(at(index));
}

export function candidateId(index: i32): i32 {
  return load<i32>(at(index), 24);
}

/** Σ w over the list. */
export function candidateMass(): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < count; i++) sum += load<f64>(at(i), 8);
  return sum;
}

/** Lists the logits that are at least `bound`, in the order of their ids; m is the greatest. */
export function listCandidates(
  zPtr: usize,
  classes: i32,
  m: f32,
  bound: f32,
  temperature: f64,
  tablePtr: usize,
  listPtr: usize,
): void {
  firstPtr = listPtr + MASSES;
  count = 0;
  const low = max(bound, <f32>(<f64>m + NEVER * temperature));
  const t = f32x4.splat(low);
  for (let start = 0; start < classes; start += BLOCK) {
    if (load<f32>(tablePtr + <usize>(start / BLOCK) * ENTRY) < low) continue;
    const end = min(classes, start + BLOCK);
    let j = start;
    for (; j + 16 <= end; j += 16) {
      const z = zPtr + ((<usize>j) << 2);
      const g01 = v128.or(f32x4.ge(v128.load(z), t), f32x4.ge(v128.load(z, 16), t));
      const g23 = v128.or(f32x4.ge(v128.load(z, 32), t), f32x4.ge(v128.load(z, 48), t));
      if (i32x4.bitmask(v128.or(g01, g23))) {
        for (let i = j; i < j + 16; i++) offer(zPtr, i, m, low, temperature);
      }
    }
    for (; j < end; j++) offer(zPtr, j, m, low, temperature);
  }
}

function offer(zPtr: usize, id: i32, m: f32, low: f32, temperature: f64): void {
  const z = load<f32>(zPtr + ((<usize>id) << 2));
  if (!(z >= low) || z == -Infinity) return;
  const x = (<f64>z - <f64>m) / temperature;
  const candidate = at(count++);
  store<f64>(candidate, x);
  store<f64>(candidate, NativeMath.exp(x), 8);
  store<f64>(candidate, x, 16);
  store<i32>(candidate, id, 24);
}

export function keepTopP(p: f64): void {
  keepMass(p);
}

export function keepMinP(least: f64): void {
  const bound = NativeMath.log(least);
  let kept = 0;
  for (let i = 0; i < count; i++) {
    if (load<f64>(at(i)) < bound) continue;
    if (kept < i) memory.copy(at(kept), at(i), SIZE);
    kept++;
  }
  count = kept;
}

export function keepTypical(p: f64): void {
  const mass = candidateMass();
  const log = NativeMath.log(mass);
  let entropy: f64 = 0;
  for (let i = 0; i < count; i++) {
    entropy += (load<f64>(at(i), 8) / mass) * (log - load<f64>(at(i)));
  }
  for (let i = 0; i < count; i++) {
    store<f64>(at(i), -abs(log - load<f64>(at(i)) - entropy), 16);
  }
  keepMass(p);
}

/**
 * Keeps the shortest beginning, by key, that holds the share p of the mass; at least one.
 *
 * Keys lie in (−64, 0]. Their range is cut into buckets; all before the bucket in which the share is
 * reached are kept as they are, and only that bucket is put in order, as far as needed.
 */
function keepMass(p: f64): void {
  const masses = firstPtr - MASSES;
  memory.fill(masses, 0, MASSES);
  for (let i = 0; i < count; i++) {
    const bucket = masses + ((<usize>bucketOf(i)) << 3);
    store<f64>(bucket, load<f64>(bucket) + load<f64>(at(i), 8));
  }
  const enough = p * candidateMass();
  let mass: f64 = 0;
  let last = 0;
  while (last < BUCKETS - 1) {
    const more = mass + load<f64>(masses + ((<usize>last) << 3));
    if (more >= enough && more > 0) break;
    mass = more;
    last++;
  }
  let kept = 0;
  for (let i = 0; i < count; i++) if (bucketOf(i) < last) swap(kept++, i);
  let end = kept;
  for (let i = kept; i < count; i++) if (bucketOf(i) == last) swap(end++, i);

  const first = firstPtr;
  const size = end - kept;
  firstPtr = at(kept);
  for (let i = (size >> 1) - 1; i >= 0; i--) sift(i, size);
  let rest = size;
  while (rest > 0 && (mass < enough || (kept == 0 && rest == size))) {
    mass += load<f64>(firstPtr, 8);
    swap(0, --rest);
    sift(0, rest);
  }
  memory.copy(firstPtr, at(rest), <usize>(size - rest) * SIZE);
  firstPtr = first;
  count = kept + size - rest;
}

/** Falling keys have rising buckets. */
function bucketOf(index: i32): i32 {
  return min(BUCKETS - 1, <i32>(load<f64>(at(index), 16) * -16));
}

/** Restores the heap of `size` candidates below `index`. */
function sift(index: i32, size: i32): void {
  while (true) {
    let child = 2 * index + 1;
    if (child >= size) return;
    if (child + 1 < size && comesFirst(child + 1, child)) child++;
    if (!comesFirst(child, index)) return;
    swap(child, index);
    index = child;
  }
}

function comesFirst(a: i32, b: i32): bool {
  const keyA = load<f64>(at(a), 16);
  const keyB = load<f64>(at(b), 16);
  if (keyA != keyB) return keyA > keyB;
  return load<i32>(at(a), 24) < load<i32>(at(b), 24);
}

function swap(a: i32, b: i32): void {
  const first0 = v128.load(at(a));
  const first1 = v128.load(at(a), 16);
  v128.store(at(a), v128.load(at(b)));
  v128.store(at(a), v128.load(at(b), 16), 16);
  v128.store(at(b), first0);
  v128.store(at(b), first1, 16);
}
