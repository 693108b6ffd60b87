/** Style of a report: one set of names, two sets of colours. */
export const STYLE: string = `
:root {
  color-scheme: light dark;
  --page: #f5f4f0; --card: #ffffff; --edge: #e3e1da; --grid: #e8e6e0;
  --ink: #1d1c1a; --muted: #65635d; --soft: #f0eee9;
  --blue: #2563c9; --orange: #c2570c; --on-blue: #ffffff; --bar: #b9b6ad;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #131312; --card: #1d1d1b; --edge: #32312e; --grid: #383733;
    --ink: #eeece6; --muted: #a5a299; --soft: #262523;
    --blue: #5c9bff; --orange: #f2914a; --on-blue: #0b1526; --bar: #5d5b54;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 40px 20px 56px; }
h1 { margin: 0; font-size: 28px; line-height: 1.2; letter-spacing: -0.01em; }
h2 { margin: 0; font-size: 17px; line-height: 1.3; }
p { margin: 4px 0 0; color: var(--muted); font-size: 14px; max-width: 90ch; }
header p { font-size: 16px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); gap: 16px; margin: 28px 0 16px; padding: 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 16px; }
.tile, .card { background: var(--card); border: 1px solid var(--edge); border-radius: 12px; padding: 18px 20px; }
.tile dt { color: var(--muted); font-size: 14px; }
.tile dd { margin: 0; }
.tile .number { font-size: 34px; line-height: 1.25; font-weight: 650; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
.tile .note { color: var(--muted); font-size: 13px; }
.card.wide { grid-column: 1 / -1; }
.card > svg { display: block; width: 100%; height: auto; margin-top: 14px; }
.key { display: inline-block; width: 14px; height: 4px; border-radius: 2px; margin: 0 5px 3px 0; vertical-align: middle; background: currentColor; }
.key.square { height: 12px; border-radius: 3px; }
.key.diamond { width: 8px; height: 8px; border-radius: 1px; transform: rotate(45deg); }
.key.train { color: var(--muted); } .key.held-out { color: var(--blue); }
.key.hit { color: var(--blue); } .key.miss { color: var(--orange); } .key.confidence { color: var(--orange); }
p span + span { margin-left: 14px; }
svg text { font-size: 13px; fill: var(--ink); font-variant-numeric: tabular-nums; }
svg .axis { fill: var(--muted); font-size: 12.5px; }
svg .small { fill: var(--muted); font-size: 11px; }
svg .middle { text-anchor: middle; } svg .end { text-anchor: end; }
svg .grid { stroke: var(--grid); stroke-width: 1; }
svg .diagonal { stroke: var(--ink); stroke-opacity: 0.7; stroke-width: 1.25; stroke-dasharray: 4 4; }
svg .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
svg .line.train { stroke: var(--muted); } svg .line.held-out { stroke: var(--blue); }
svg .dot { stroke: var(--card); stroke-width: 2; }
svg .dot.train { fill: var(--muted); } svg .dot.held-out { fill: var(--blue); }
svg .value { font-weight: 600; } svg .value.train { fill: var(--muted); } svg .value.held-out { fill: var(--blue); }
svg .hover { fill: transparent; } svg .hover:hover { fill: var(--muted); fill-opacity: 0.14; }
svg .cell.none { fill: var(--soft); } svg .cell.hit { fill: var(--blue); } svg .cell.miss { fill: var(--orange); }
svg .count { font-size: 14px; font-weight: 600; } svg .count.tight { font-size: 10px; }
svg g[font-size] text { font-size: inherit; } svg .count.on-hit { fill: var(--on-blue); }
svg .bar.hit { fill: var(--blue); fill-opacity: 0.85; } svg .bar.hit.pale { fill-opacity: 0.35; }
svg .bar.miss { fill: var(--orange); fill-opacity: 0.85; }
svg .bar.muted { fill: var(--bar); }
svg .diamond { fill: var(--orange); stroke: var(--card); stroke-width: 1.5; }
table { width: 100%; border-collapse: collapse; margin-top: 14px; font-size: 14px; font-variant-numeric: tabular-nums; }
th { text-align: right; color: var(--muted); font-weight: 500; } td { text-align: right; }
th, td { padding: 5px 8px; border-bottom: 1px solid var(--grid); } th:first-child, td:first-child { text-align: left; }
.scroll { max-height: 520px; overflow: auto; } .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 16px; }
.pair figure { margin: 14px 0 0; } .pair figcaption { font-size: 14px; color: var(--muted); } .pair svg { display: block; width: 100%; }
footer { margin-top: 20px; color: var(--muted); font-size: 13px; }
@media print { body { background: none; } .card, .tile { break-inside: avoid; } }
`;
