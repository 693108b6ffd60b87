/**
 * Scratch of an instance: what kernels put down within one call and never read in the next.
 *
 * Layout
 *   SCRATCH_BYTES bytes, from the start: 1024 ones · 1024 shares t_c (both denseTarget.ts), or the
 *   losses and gradients of four elements (sigmoidFocalLoss.ts), then 1024 t_j, s_j and x_j each
 *   (reducedBlock.ts).
 *   Instances over one memory would write over each other in a static block, so each worker is given
 *   a region of its own (src/parallel); a lone instance has the static one.
 */

/** Bytes of the region. */
// @ts-ignore: decorator
@inline
export const SCRATCH_BYTES: i32 = 20480;

/** Where the numbers of reducedBlock.ts begin. */
// @ts-ignore: decorator
@inline
export const REDUCED: usize = 8192;

const OWN = memory.data(20480, 16);

/** Start of this instance's region. */
export let scratchPtr: usize = OWN;

/** Bytes that useScratch takes. */
export function scratchBytes(): i32 {
  return SCRATCH_BYTES;
}

/** From now on this instance uses the region at `ptr`, aligned to 16. */
export function useScratch(ptr: usize): void {
  memory.fill(ptr, 0, SCRATCH_BYTES);
  scratchPtr = ptr;
}
