/**
 * Temperature and soft cap, checked. Logits become z = cap · tanh(x / cap) / T.
 */
import { checkNumber } from "../check.js";
import type { Adjustment } from "../memory/source.js";

export interface TemperatureOption {
  /** Logits are divided by it in float32, as `logits / T` does in PyTorch (default 1). Below 2^−64 it acts as 2^−64. */
  readonly temperature?: number | undefined;
}

/** The adjustment, or undefined where logits are used as they are. */
export function readAdjustment(
  fn: string,
  temperatureOption: unknown = 1,
  softcapOption?: unknown,
): Adjustment | undefined {
  const temperature = Math.fround(
    checkNumber(fn, "temperature", temperatureOption, { min: 0, above: true }),
  );
  const softcap =
    softcapOption === undefined || softcapOption === null
      ? 0
      : Math.fround(checkNumber(fn, "softcap", softcapOption, { min: 0, above: true }));
  // Below 2^−64 the quotients of ordinary logits would overflow; there a row is argmax-like anyway.
  const held = Math.min(Math.max(temperature, 2 ** -64), 3.4028234663852886e38);
  return held === 1 && softcap === 0 ? undefined : { temperature: held, softcap };
}
