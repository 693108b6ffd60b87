// @ts-check
/**
 * The page: buttons, a progress bar, and a worker that trains. Import maps do not reach workers, so the
 * worker is bundled first (README.md).
 */
const [epochs, train, cancel, progress, state, accuracy, ratio] = [
  "epochs",
  "train",
  "cancel",
  "progress",
  "state",
  "accuracy",
  "ratio",
].map((id) => /** @type {any} */ (document.getElementById(id)));

const worker = new Worker("worker.bundle.js", { type: "module" });
const csv = fetch("../data/digits.csv").then((response) => {
  if (!response.ok) throw new Error(`digits.csv: ${response.status} ${response.statusText}`);
  return response.text();
});

train.addEventListener("click", async () => {
  busy(true);
  accuracy.textContent = ratio.textContent = "";
  try {
    worker.postMessage({ kind: "train", csv: await csv, epochs: Number(epochs.value) });
  } catch (error) {
    end(String(error));
  }
});
cancel.addEventListener("click", () => worker.postMessage({ kind: "cancel" }));
worker.addEventListener("error", (event) => end(event.message ?? "the worker did not start"));
worker.addEventListener("message", ({ data }) => {
  if (data.kind === "progress") {
    progress.value = data.epoch / data.epochs;
    state.textContent = `epoch ${data.epoch} of ${data.epochs}, loss ${data.loss.toFixed(4)}`;
  } else if (data.kind === "trained") {
    accuracy.textContent = `${(100 * data.accuracy).toFixed(1)} % after ${data.milliseconds.toFixed(0)} ms`;
    state.textContent = "comparing with plain JavaScript";
  } else if (data.kind === "compared") {
    const { ours, plain, plainAccuracy } = data;
    ratio.textContent = `${(plain / ours).toFixed(1)} times as long: ${plain.toFixed(0)} ms instead of ${ours.toFixed(0)} ms, to ${(100 * plainAccuracy).toFixed(1)} %`;
    end("done");
  } else end(data.message);
});

function end(/** @type {string} */ text) {
  busy(false);
  state.textContent = text;
}

function busy(/** @type {boolean} */ is) {
  train.disabled = is;
  cancel.disabled = !is;
}
