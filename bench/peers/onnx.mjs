// @ts-check
/**
 * ONNX models of a single node, written as protobuf: a field is its number and wire type, then a
 * varint or a length and bytes. Opset 13, IR version 8.
 */
const FLOAT = 1;
const INT64 = 7;

/** @param {number} value @returns {number[]} */
const varint = (value) =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];
/** @param {number} field @param {number} value */
const integer = (field, value) => [...varint(field * 8), ...varint(value)];
/** @param {number} field @param {readonly number[]} bytes */
const message = (field, bytes) => [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
/** @param {number} field @param {string} value */
const text = (field, value) => message(field, [...new TextEncoder().encode(value)]);

/** A value of the graph: its name, type and dimensions. @param {string} name @param {number} type @param {readonly number[]} shape */
function valueInfo(name, type, shape) {
  const dimensions = shape.flatMap((size) => message(1, integer(1, size)));
  const tensor = [...integer(1, type), ...message(2, dimensions)];
  return [...text(1, name), ...message(2, message(1, tensor))];
}

/** An attribute of the node: an integer, or a string. @param {string} name @param {number | string} value */
const attribute = (name, value) =>
  typeof value === "number"
    ? [...text(1, name), ...integer(3, value), ...integer(20, 2)]
    : [...text(1, name), ...text(4, value), ...integer(20, 3)];

/**
 * @param {object} node
 * @param {string} node.operator
 * @param {readonly number[]} node.shape of the logits "x"
 * @param {readonly number[]} node.outShape of the result "y"
 * @param {number} [node.targets] count of int64 targets "t"
 * @param {Record<string, number | string>} [node.attributes]
 */
export function singleNodeModel({ operator, shape, outShape, targets, attributes = {} }) {
  const names = targets === undefined ? ["x"] : ["x", "t"];
  const node = [
    ...names.flatMap((name) => text(1, name)),
    ...text(2, "y"),
    ...text(4, operator),
    ...Object.entries(attributes).flatMap(([name, value]) => message(5, attribute(name, value))),
  ];
  const graph = [
    ...message(1, node),
    ...text(2, "graph"),
    ...message(11, valueInfo("x", FLOAT, shape)),
    ...(targets === undefined ? [] : message(11, valueInfo("t", INT64, [targets]))),
    ...message(12, valueInfo("y", FLOAT, outShape)),
  ];
  const opset = [...text(1, ""), ...integer(2, 13)];
  return Uint8Array.from([...integer(1, 8), ...message(7, graph), ...message(8, opset)]);
}
