/**
 * Row lengths, each round something that can go wrong.
 */

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_unused, i) => from + i);
}

/** Every tail of 4, 8, 16 and 32 lanes, twice. */
export const SHORT_LENGTHS: readonly number[] = range(1, 67);

/** Round unrolled loops (128, 256), the block of 1024 logits and two blocks; 1000 is ImageNet. */
export const LONG_LENGTHS: readonly number[] = [
  ...range(127, 129),
  ...range(255, 257),
  1000,
  1001,
  ...range(1023, 1025),
  ...range(2047, 2049),
];

/** Segments of several blocks, and three blocks with a tail. */
export const SEGMENT_LENGTHS: readonly number[] = [3072, 4095, 4096, 4097, 5003];

export const LENGTHS: readonly number[] = [...SHORT_LENGTHS, ...LONG_LENGTHS];

/** Pointer offsets in bytes: every alignment of a float32 within a vector. */
export const OFFSETS: readonly number[] = [0, 4, 8, 12];

/** Vocabularies (GPT-2, Llama 2, Llama 3, Gemma): for bounds that must not grow with C. */
export const VOCABULARIES: readonly number[] = [32000, 50257, 128256, 262144];
