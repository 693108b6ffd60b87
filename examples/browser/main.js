// @ts-check
/** A static page without a bundler: any web server will do, with plain headers. */
import { LogitsError, createEngine } from "logits";

const [logits, temperature] = ["logits", "temperature"].map(
  (id) => /** @type {HTMLInputElement} */ (document.getElementById(id)),
);
const [rows, message] = ["rows", "message"].map(
  (id) => /** @type {HTMLElement} */ (document.getElementById(id)),
);
const engine = createEngine();

function show() {
  try {
    const values = logits.value.split(",").map(Number);
    const { data } = engine.softmax(values, { temperature: Number(temperature.value) });
    rows.replaceChildren(...Array.from(data, row));
    message.textContent = "";
  } catch (error) {
    if (!(error instanceof LogitsError)) throw error;
    message.textContent = error.message;
  }
}

function row(/** @type {number} */ probability, /** @type {number} */ index) {
  const line = document.createElement("tr");
  for (const text of [String(index), probability.toFixed(4)]) {
    const cell = document.createElement("td");
    cell.textContent = text;
    line.append(cell);
  }
  return line;
}

logits.addEventListener("input", show);
temperature.addEventListener("input", show);
show();
