/** logits/report: re-exports only. */
export { confidenceHistogram } from "./confidenceHistogram.js";
export { confusionMatrix } from "./confusionMatrix.js";
export type { ConfusionWords } from "./confusionMatrix.js";
export { evalReport } from "./evalReport.js";
export type { EvalReport, ReportedMetrics } from "./evalReport.js";
export { lineChart } from "./lineChart.js";
export type { LineChart } from "./lineChart.js";
export { card, key, page, standalone, table, tile, tiles } from "./page.js";
export { FEW, reliabilityDiagram } from "./reliabilityDiagram.js";
export {
  drawing,
  escape,
  label,
  line,
  logTicks,
  percent,
  rect,
  scale,
  tenths,
  ticks,
} from "./svg.js";
export type { Box, Scale } from "./svg.js";
