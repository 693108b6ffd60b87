// @ts-check
/** Style of the images, beside that of logits/report. */
export const STYLE = `
.digits { display: grid; grid-template-columns: repeat(auto-fill, minmax(132px, 1fr)); gap: 14px; margin: 16px 0 0; padding: 0; list-style: none; }
.digits figure { margin: 0; }
.digits svg { display: block; width: 100%; background: var(--soft); border-radius: 8px; fill: var(--ink); shape-rendering: crispEdges; }
.digits figcaption { margin-top: 6px; font-size: 13px; line-height: 1.4; color: var(--muted); font-variant-numeric: tabular-nums; }
.digits b { color: var(--ink); font-weight: 650; }
`;
