// @ts-check
/** Keeps the worst of many comparisons, and where it was. */
import { distance } from "../harness/ulp.mjs";

export class Worst {
  size = -1;
  where = "";

  /**
   * @param {number} size of an error, in the unit of the row
   * @param {() => string} where
   */
  add(size, where) {
    if (size > this.size || Number.isNaN(size)) {
      this.size = size;
      this.where = where();
    }
  }

  /**
   * Every element's error in ULP.
   *
   * @param {ArrayLike<number>} got
   * @param {ArrayLike<number>} truth
   * @param {(index: number) => string} where
   */
  addUlps(got, truth, where) {
    for (let i = 0; i < truth.length; i++) {
      this.add(distance(got[i], truth[i]), () => `${where(i)}: ${truth[i].toPrecision(4)}`);
    }
  }
}
