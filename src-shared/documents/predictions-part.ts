/** Registered predictions as a part of the HTML report. */
import { predictionRule, type RegisteredPrediction } from '../shapes/prediction.ts'
import { markup, type Markup } from '../text/markup.ts'

/** Said where runs are shown of which nothing was predicted. */
export const noPredictions = 'No prediction was registered before these runs: what they found is exploratory.'

/** Every prediction with its time, hash and verdict; nothing where none was registered. */
export function predictionsMarkup(registered: readonly RegisteredPrediction[]): Markup | null {
  if (!registered.length) return null
  const kinds = (['intervals', 'order'] as const).filter((kind) =>
    registered.some(({ prediction }) => kind in prediction)
  )
  return markup`<h4>Registered predictions</h4>
<div class="wide"><table>
<caption>${kinds.map((kind) => `${predictionRule[kind]} `)}Everything else in this report is exploratory.</caption>
<thead><tr><th scope="col">Prediction</th><th scope="col">Subject</th><th scope="col">Verdict</th><th scope="col">Evidence</th></tr></thead>
<tbody>${registered.map(({ prediction, judgement, hash, registered: time }, i) => {
    const where = Object.entries(prediction.at).map(([name, value]) => `${name} = ${value}`)
    const head = markup`${i + 1}. ${[prediction.metric, ...where].join(', ')}<br>${prediction.note}<br>registered ${time}, SHA-256 ${hash.slice(0, 12)}: <b>${judgement?.verdict ?? 'not judged yet'}</b>`
    const findings = judgement?.findings ?? [{ subject: '', verdict: '', evidence: 'The run is not complete.' }]
    return findings.map(
      (finding, k) =>
        markup`<tr>${k === 0 && markup`<th scope="rowgroup" rowspan="${findings.length}">${head}</th>`}<td>${finding.subject}</td><td>${finding.verdict}</td><td>${finding.evidence}</td></tr>`
    )
  })}</tbody></table></div>`
}
