/**
 * Teaches Prettier the decorators that AssemblyScript allows on functions and variables (`@inline`),
 * which TypeScript's grammar does not.
 *
 * The parser sees each decorator line as a line comment of the same length. Comments are printed
 * from the original text, so the decorator comes out as it went in.
 */
import * as typescript from "prettier/plugins/typescript";

const DECORATOR_LINE = /^([ \t]*)@(.+)$/gm;

/** @type {Record<string, import("prettier").Parser>} */
export const parsers = {
  assemblyscript: {
    ...typescript.parsers.typescript,
    parse(text, options) {
      const masked = text.replace(
        DECORATOR_LINE,
        (_line, indent, rest) => `${indent}//${rest.slice(1)}`,
      );
      return typescript.parsers.typescript.parse(masked, options);
    },
  },
};
