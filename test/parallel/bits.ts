/**
 * Bits of a result as one hash: NaN taken as one value, arrays and tensors alike. Runs in pages too.
 */

/** FNV-1a over 32-bit words, twice with different starts: 64 bits. */
class Hash {
  #a = 0x811c9dc5;
  #b = 0x01000193;

  word(value: number): void {
    this.#a = Math.imul(this.#a ^ value, 0x01000193);
    this.#b = Math.imul(this.#b ^ value ^ (this.#a >>> 15), 0x01000193);
  }

  text(text: string): void {
    for (const character of text) this.word(character.codePointAt(0)!);
  }

  hex(): string {
    return [this.#a, this.#b].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
  }
}

export function bitsOf(result: unknown): string {
  const hash = new Hash();
  const numbers = (values: Float32Array | Float64Array | Int32Array | Uint8Array): void => {
    hash.text(values.constructor.name);
    const copy = values.slice();
    if (copy instanceof Float32Array || copy instanceof Float64Array) {
      for (let i = 0; i < copy.length; i++) if (Number.isNaN(copy[i])) copy[i] = NaN;
      const words = new Uint32Array(copy.buffer);
      for (let i = 0; i < words.length; i++) hash.word(words[i]);
    } else for (const value of copy) hash.word(value);
  };
  const add = (value: unknown): void => {
    if (typeof value === "number") numbers(Float64Array.of(value));
    else if (ArrayBuffer.isView(value)) numbers(value as Float32Array);
    else if (typeof value === "object" && value !== null) {
      const { data, shape } = value as { data?: unknown; shape?: readonly number[] };
      if (data === undefined) {
        for (const key of Object.keys(value).sort()) {
          hash.text(key);
          add((value as Record<string, unknown>)[key]);
        }
      } else {
        hash.text(`${shape}`);
        add(data);
      }
    }
  };
  add(result);
  return hash.hex();
}
