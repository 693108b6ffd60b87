// @ts-check
/** @param {number} share in [0, 1] */
export const percent = (share) => `${(100 * share).toFixed(1)} %`;

/**
 * JSON with one line for every array or object that holds no other: a row of a matrix, a point of a
 * curve. Strings must not contain brackets.
 *
 * @param {object} value
 */
export const toJson = (value) =>
  JSON.stringify(value, null, 2).replace(/[[{][^[\]{}]*[\]}]/g, (inner) =>
    inner.replace(/\s+/g, " "),
  );
