/** Registered predictions as a report says them: as a table of HTML, and as lines of text. */
import { predictionKinds, predictionRule, type RegisteredPrediction } from '../shapes/prediction.ts'
import { titled } from '../figures/axes.ts'
import { markup, type Markup } from '../text/markup.ts'
import { numberText } from '../text/numbers.ts'

/** Said where runs are shown of which nothing was predicted. */
export const noPredictions = 'No prediction was registered before these runs: what they found is exploratory.'

/** Every prediction with its time, hash and verdict; nothing where none was registered. */
export function predictionsMarkup(registered: readonly RegisteredPrediction[]): Markup | null {
  if (!registered.length) return null
  const kinds = predictionKinds.filter((kind) => registered.some(({ prediction }) => kind in prediction))
  return markup`<h4>Registered predictions</h4>
<div class="wide"><table>
<caption>${kinds.map((kind) => `${predictionRule[kind]} `)}Everything else in this report is exploratory.</caption>
<thead><tr><th scope="col">Prediction</th><th scope="col">Subject</th><th scope="col">Verdict</th><th scope="col">Evidence</th></tr></thead>
<tbody>${registered.map(({ prediction, judgement, hash, registered: time }, i) => {
    const head = markup`${i + 1}. ${titled(prediction.metric, prediction.at)}<br>${prediction.note}<br>registered ${time}, SHA-256 ${hash.slice(0, 12)}: <b>${judgement?.verdict ?? 'not judged yet'}</b>`
    const findings = judgement?.findings ?? [{ subject: '', verdict: '', evidence: 'The run is not complete.' }]
    return findings.map(
      (finding, k) =>
        markup`<tr>${k === 0 && markup`<th scope="rowgroup" rowspan="${findings.length}">${head}</th>`}<td>${finding.subject}</td><td>${finding.verdict}</td><td>${finding.evidence}</td></tr>`
    )
  })}</tbody></table></div>`
}

/** `accuracy at items = 20: hebb > slots: confirmed.` */
export function predictionLines(registered: readonly RegisteredPrediction[]): string[] {
  return registered.map(({ prediction, judgement, registered: when, hash }) => {
    const place = titled(prediction.metric, prediction.at)
    const said =
      'order' in prediction
        ? prediction.order.join(' > ') + (prediction.margin ? ` by ${numberText(prediction.margin)}` : '')
        : 'same' in prediction
          ? `${prediction.same.join(' = ')} within ${numberText(prediction.within)}`
          : Object.entries(prediction.intervals)
              .map(([model, [low, high]]) => `${model} in [${numberText(low)}, ${numberText(high)}]`)
              .join(', ')
    const findings = (judgement?.findings ?? []).map((f) => `${f.subject}: ${f.verdict} (${f.evidence})`)
    return [
      `${place}: ${said}: ${judgement?.verdict ?? 'not judged yet'}.`,
      prediction.note ?? '',
      ...(findings.length ? [`${findings.join('; ')}.`] : []),
      `Registered ${when}, SHA-256 ${hash.slice(0, 16)}.`
    ]
      .filter(Boolean)
      .join(' ')
  })
}
