/**
 * Products of a block with a factor, in place: the second half of softmax and of every gradient.
 */
import { loadPartial, nmadd, storePartial } from "./lanes";

/** e_j ← e_j · factor */
export function blockScale(ePtr: usize, length: i32, factor: f32): void {
  const f = f32x4.splat(factor);
  const end = ePtr + ((<usize>length) << 2);
  const end16 = ePtr + ((<usize>(length & ~15)) << 2);
  while (ePtr < end16) {
    const e0 = f32x4.mul(v128.load(ePtr), f);
    const e1 = f32x4.mul(v128.load(ePtr, 16), f);
    const e2 = f32x4.mul(v128.load(ePtr, 32), f);
    const e3 = f32x4.mul(v128.load(ePtr, 48), f);
    v128.store(ePtr, e0);
    v128.store(ePtr, e1, 16);
    v128.store(ePtr, e2, 32);
    v128.store(ePtr, e3, 48);
    ePtr += 64;
  }
  while (ePtr + 16 <= end) {
    v128.store(ePtr, f32x4.mul(v128.load(ePtr), f));
    ePtr += 16;
  }
  if (ePtr < end) {
    const lanes = length & 3;
    storePartial(ePtr, f32x4.mul(loadPartial(ePtr, lanes, 0), f), lanes);
  }
}

/** e_j ← e_j · factor − t_j · share */
export function blockScaleMinus(
  ePtr: usize,
  tPtr: usize,
  length: i32,
  factor: f32,
  share: f32,
): void {
  const f = f32x4.splat(factor);
  const b = f32x4.splat(share);
  const end = ePtr + ((<usize>length) << 2);
  for (const end4 = ePtr + ((<usize>(length & ~3)) << 2); ePtr < end4; ePtr += 16) {
    v128.store(ePtr, nmadd(v128.load(tPtr), b, f32x4.mul(v128.load(ePtr), f)));
    tPtr += 16;
  }
  if (ePtr < end) {
    const lanes = length & 3;
    const scaled = f32x4.mul(loadPartial(ePtr, lanes, 0), f);
    storePartial(ePtr, nmadd(loadPartial(tPtr, lanes, 0), b, scaled), lanes);
  }
}
