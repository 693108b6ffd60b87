// @ts-check
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
