/**
 * A page that needs nothing else: no script, no network.
 */
import { STYLE } from "./style.js";
import { escape } from "./svg.js";

/**
 * @param body - HTML, safe already
 * @param style - rules beside those of the report
 */
export function page(title: string, body: string, style = ""): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escape(title)}</title>
<style>${STYLE}${style}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

/** A drawing as a file of its own. */
export function standalone(svg: string): string {
  const [, width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? [];
  const style = `<style>${STYLE.replaceAll("&", "&amp;")}svg { background: var(--card); font-family: system-ui, sans-serif; }</style>`;
  return svg
    .replace("<svg", `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"`)
    .replace(">", `>${style}`)
    .concat("\n");
}

export function tile(name: string, value: string, note: string): string {
  return `<div class="tile"><dt>${name}</dt><dd class="number">${value}</dd><dd class="note">${note}</dd></div>`;
}

export function tiles(all: readonly string[]): string {
  return `<dl class="tiles">\n${all.join("\n")}\n</dl>`;
}

export function card(title: string, text: string, content: string, classes = "card"): string {
  return `<section class="${classes}"><h2>${title}</h2><p>${text}</p>${content}</section>`;
}

/** An entry of a legend. */
export function key(kind: string, text: string): string {
  return `<span><i class="key ${kind}"></i>${text}</span>`;
}

/** @param head - texts; @param rows - texts, made safe here */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, texts: readonly string[]): string =>
    `<tr>${texts.map((text) => `<${tag}>${escape(text)}</${tag}>`).join("")}</tr>`;
  const body = rows.map((row) => cells("td", row)).join("\n");
  return `<div class="scroll"><table><thead>${cells("th", head)}</thead><tbody>\n${body}\n</tbody></table></div>`;
}
