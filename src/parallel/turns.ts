import type { Signal } from "./watch.js";

/** Calls take turns with the workers, first come, first served. */
export class Turns {
  #taken = false;
  readonly #waiting: ((given: boolean) => void)[] = [];

  /** Undefined where the turn is free and now taken; else resolves to whether it was given. */
  take(signal: Signal | undefined): Promise<boolean> | undefined {
    if (!this.#taken) {
      this.#taken = true;
      return undefined;
    }
    return new Promise((resolve) => {
      const leave = (): void => {
        const place = this.#waiting.indexOf(given);
        if (place < 0) return;
        this.#waiting.splice(place, 1);
        given(false);
      };
      const given = (isGiven: boolean): void => {
        signal?.removeEventListener("abort", leave);
        resolve(isGiven);
      };
      this.#waiting.push(given);
      signal?.addEventListener("abort", leave);
    });
  }

  /** Ends a turn. */
  pass(): void {
    const next = this.#waiting.shift();
    if (next) next(true);
    else this.#taken = false;
  }
}
