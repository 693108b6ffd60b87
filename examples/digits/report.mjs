// @ts-check
import {
  FEW,
  card,
  confusionMatrix,
  key,
  lineChart,
  logTicks,
  page,
  percent,
  reliabilityDiagram,
  ticks,
  tile,
  tiles,
} from "../../dist/report/index.js";
import { CLASSES, FEATURES, SIDE } from "./dataset.mjs";
import { digitImage } from "./digitImage.mjs";
import { STYLE } from "./style.mjs";

/** How many of the hardest digits are shown: two lines of six on a wide window. */
const HARDEST = 12;

/** The loss axis is logarithmic and ends here. */
const SMALLEST_LOSS = 1e-6;

/**
 * The report as one page that needs nothing else: no script, no network.
 *
 * @param {import("./results.mjs").Results} results
 * @param {ReturnType<typeof import("./model.mjs").judge>} judged
 * @param {import("./dataset.mjs").Dataset} heldOut
 */
export function renderReport(results, judged, heldOut) {
  const title = `Digits: ${percent(results.accuracy)} of held-out digits right`;
  const body = `<header>
<h1>Handwritten digits, softmax regression</h1>
<p>${results.settings.trainingRows} images of 8 × 8 pixels to learn from, ${results.count} held out. Every number below is about the held-out images unless it says otherwise.</p>
</header>
${numbers(results)}
<div class="cards">
${lossCard(results)}
${accuracyCard(results)}
${confusionCard(results)}
${reliabilityCard(results)}
${hardestCard(judged, heldOut)}
</div>
${footer(results)}`;
  return page(title, body, STYLE);
}

/** @param {import("./results.mjs").Results} results */
function numbers({ accuracy, correct, count, loss, brier, ece, bins }) {
  return tiles([
    tile("Accuracy", percent(accuracy), `${correct} of ${count} digits right`),
    tile("Mean loss", loss.toFixed(4), "cross entropy in nats, guessing scores 2.3026"),
    tile("Brier score", brier.toFixed(4), "0 best, 2 worst, guessing scores 0.9"),
    tile("Calibration error", ece.toFixed(4), `ECE over ${bins.length} bins of confidence`),
  ]);
}

/** @param {import("./results.mjs").Results} results */
function lossCard({ curve }) {
  const train = curve.map((point) => point.trainLoss);
  const heldOut = curve.map((point) => point.heldOutLoss);
  const losses = [...train, ...heldOut];
  const chart = lineChart({
    label: "Cross entropy by epoch, logarithmic",
    series: [
      { name: "training", className: "train", values: train },
      { name: "held out", className: "held-out", values: heldOut },
    ],
    yTicks: logTicks(
      Math.max(SMALLEST_LOSS, Math.min(...losses)),
      Math.max(SMALLEST_LOSS, ...losses),
    ),
    logarithmic: true,
    tickFormat: String,
    valueFormat: (value) => value.toFixed(4),
  });
  return card(
    "Cross entropy",
    `${key("train", "training")}${key("held-out", "held out")}<span>logarithmic</span>`,
    chart,
  );
}

/** @param {import("./results.mjs").Results} results */
function accuracyCard({ curve }) {
  const values = curve.map((point) => point.heldOutAccuracy);
  const chart = lineChart({
    label: "Held-out accuracy by epoch",
    series: [{ name: "held out", className: "held-out", values }],
    yTicks: ticks(Math.min(...values), 1, 4),
    tickFormat: (value) => `${Math.round(100 * value)} %`,
    valueFormat: percent,
  });
  return card("Accuracy", key("held-out", "held out"), chart);
}

/** @param {import("./results.mjs").Results} results */
function confusionCard({ confusion }) {
  return card(
    "Confusion matrix",
    `${key("square hit", "right")}${key("square miss", "wrong")}`,
    confusionMatrix(confusion, {
      noun: "images",
      target: "true digit",
      prediction: "predicted digit",
      title: "Confusion matrix of the held-out digits",
    }),
  );
}

/** @param {import("./results.mjs").Results} results */
function reliabilityCard({ bins }) {
  return card(
    "Reliability",
    `${key("square hit", "accuracy")}${key("diamond confidence", "mean confidence")}<span>pale: fewer than ${FEW} digits</span>`,
    reliabilityDiagram(bins, "digits"),
  );
}

/**
 * @param {ReturnType<typeof import("./model.mjs").judge>} judged
 * @param {import("./dataset.mjs").Dataset} heldOut
 */
function hardestCard({ losses, predictions, probabilities }, { rows, pixels, labels }) {
  const hardest = Array.from({ length: rows }, (_, row) => row)
    .sort((one, other) => losses[other] - losses[one])
    .slice(0, HARDEST);
  const items = hardest.map((row) => {
    const probability = (/** @type {number} */ digit) =>
      percent(probabilities[row * CLASSES + digit]);
    const target = labels[row];
    const prediction = predictions[row];
    const image = pixels.subarray(row * FEATURES, (row + 1) * FEATURES);
    const verdict =
      prediction === target
        ? `<b>${target}</b>, rightly, at ${probability(target)}`
        : `<b>${target}</b>, at ${probability(target)}<br>taken for <b>${prediction}</b>, at ${probability(prediction)}`;
    return `<li><figure>${digitImage(image, SIDE, `handwritten ${target}`)}<figcaption>${verdict}</figcaption></figure></li>`;
  });
  return card(
    "Hardest digits",
    "The held-out images with the largest loss, hardest first: the true digit and the probability the model gave it.",
    `<ol class="digits">${items.join("\n")}</ol>`,
    "card wide",
  );
}

/** @param {import("./results.mjs").Results} results */
function footer({ settings, engine }) {
  const { adam } = settings;
  return `<footer>${settings.epochs} epochs of batches of ${settings.batchSize}, Adam with learning rate ${adam.learningRate}, β₁ ${adam.beta1}, β₂ ${adam.beta2}, ε ${adam.epsilon}; seed ${settings.seed}; numerics ${engine.numerics}. Data: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, 1998, UCI Machine Learning Repository.</footer>`;
}
