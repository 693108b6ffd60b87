/** t · (ln t − x), 0 where t ≤ 0; with log targets e^t · (t − x), 0 where e^t is 0. One element. */
export function klDivLoss(x: number, t: number, logTarget = false): number {
  const p = logTarget ? Math.exp(t) : t;
  if (p <= 0) return 0;
  return p * ((logTarget ? t : Math.log(t)) - x);
}
