/**
 * Which of several named tensors is meant: the one asked for, or the only one.
 */
import { failFile, quoted } from "./failFile.js";

const MOST_LISTED = 12;

export function pickName(
  file: string,
  names: readonly string[],
  wanted: string | undefined,
): string {
  if (wanted !== undefined && names.includes(wanted)) return wanted;
  if (wanted === undefined && names.length === 1) return names[0]!;
  const listed = names.slice(0, MOST_LISTED).map(quoted).join(", ");
  const more = names.length > MOST_LISTED ? ` and ${names.length - MOST_LISTED} more` : "";
  const asked = wanted === undefined ? "one tensor" : `a tensor ${quoted(wanted)}`;
  failFile({
    file,
    place: "contents",
    expected: `must hold ${asked}`,
    got: names.length === 0 ? "none" : `${listed}${more}`,
    remedy: names.length === 0 ? "write it again" : "pass the name of one that is there",
  });
}
