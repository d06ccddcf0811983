/** Free recall as a page of its own: every statistic of people and models with its figure, its numbers and its definition. */
import { curveFigure, mapFigures, measuresOf, missingOf, type Group } from '../figures/recall.ts'
import { heatMapSvg } from '../figures/heat-map-svg.ts'
import type { HeatMapSpec } from '../figures/measured.ts'
import type { FigureDefinition } from '../figures/spec.ts'
import { viridisCss } from '../figures/viridis.ts'
import { sections, type Section } from '../recall/measures/measure.ts'
import { recallMeasures } from '../recall/measures/registry.ts'
import type { SpellingVariant } from '../recall/spelling.ts'
import type { LeftOut } from '../recall/statistics-schema.ts'
import { intervalText } from '../text/interval-text.ts'
import { markup, type Markup } from '../text/markup.ts'
import { numberText, plural } from '../text/numbers.ts'
import { formulaMarkup } from './formula.ts'
import { reportPage } from './html-page.ts'
import { drawnMarkup, figureMarkup } from './html-parts.ts'
import { recallMethod, reportedStatistics, type ReportedStatistic } from './recall-statistics.ts'

export interface RecallReportPage {
  title: string
  version: string
  /** ISO 8601. */
  created: string
  groups: readonly Group[]
  /** Of each group of people. */
  leftOut: readonly { label: string; leftOut: LeftOut }[]
  /** Recalls that were taken for other words, of each data set. */
  spelling: readonly { label: string; variants: readonly SpellingVariant[] }[]
}

/** One HTML file without anything outside of it. */
export function recallReportPage({ title, version, created, groups, leftOut, spelling }: RecallReportPage): string {
  const statistics = new Map(reportedStatistics(groups).map((own) => [own.name, own]))
  const missing = missingOf(groups)
  const length = groups.find((group) => group.length !== undefined)?.length
  const body = markup`<p>${groups.map(({ label, n, members }) => `${label}: ${plural(n, members === 'subjects' ? 'subject' : 'seed')}`).join('; ')}${length !== undefined && `; lists of ${length} items`}.</p>
<p class="meta">Method: ${recallMethod}. A subject without a value is left out of it; n says how many gave one.</p>
${leftOut.map(({ label, leftOut: { rule, subjects } }) => markup`<p class="meta">${label}: subjects with ${rule} are left out: ${subjects.length ? subjects.map(({ subject, why }) => `${subject} (${why})`).join(', ') : 'none'}.</p>`)}
${spelling.map(({ label, variants }) => markup`<p class="meta">${label}: recalls taken for words they are near to: ${variants.length ? variants.map(({ recalled, studied, count }) => `${recalled} for ${studied} (${count})`).join(', ') : 'none'}.</p>`)}
${numbersMarkup(groups)}
${(Object.keys(sections) as Section[]).map((section) => sectionMarkup(section, groups, statistics))}
${missing.length > 0 && markup`<h2>Not there</h2><ul>${missing.map(({ measure, why }) => markup`<li>${measure.label}: ${why}.</li>`)}</ul>`}`
  return reportPage({ title, version, created, body })
}

function numbersMarkup(groups: readonly Group[]): Markup {
  return markup`<h2>Numbers</h2><div class="wide"><table>
<caption>Mean and 95 % interval; n in brackets.</caption>
<thead><tr><th scope="col">Statistic</th>${groups.map(({ label }) => markup`<th scope="col">${label}</th>`)}</tr></thead>
<tbody>${measuresOf(groups).map((measure) => {
    const own = reportedStatistics(groups).find(({ name }) => name === measure.name)
    return markup`<tr><th scope="row" title="${measure.help} ${measure.source}">${measure.label}</th>${groups.map(
      ({ label }) => {
        const value = own?.groups.find(({ group }) => group === label)?.values[0]
        return markup`<td>${value ? `${intervalText(value)} (${value.n})` : '–'}</td>`
      }
    )}</tr>`
  })}</tbody></table></div>`
}

function sectionMarkup(
  section: Section,
  groups: readonly Group[],
  statistics: ReadonlyMap<string, ReportedStatistic>
): Markup | false {
  const shown = recallMeasures.filter(
    ({ name, section: own, look }) => own === section && look !== 'number' && groups.some(({ curves }) => curves[name])
  )
  if (shown.length === 0) return false
  return markup`<h2>${sections[section]}</h2>${shown.map(({ name, label, help, tex, source }) => {
    const curve = curveFigure(name, groups)
    return markup`<section><h3>${label}</h3>${definitionMarkup({ help, tex, source })}
${curve && figureMarkup(curve)}${mapFigures(name, groups).map((map) => drawnMarkup(mapSvg(map)))}
${tableMarkup(statistics.get(name)!)}</section>`
  })}`
}

const definitionMarkup = ({ help, tex, source }: FigureDefinition): Markup =>
  markup`<p class="meta">${help} ${formulaMarkup(tex)} ${source}.</p>`

const mapSvg = (map: HeatMapSpec): string => heatMapSvg(map, map.value.range ?? [0, 1], viridisCss)

/** The numbers of a figure, folded away: of a map and of several curves there are many. */
function tableMarkup({ label, x, rows, groups }: ReportedStatistic): Markup {
  const width = x?.places.length ?? 1
  return markup`<details><summary>Data of ${label}</summary><div class="wide"><table>
<thead><tr><th scope="col">Group</th>${rows && markup`<th scope="col">${rows.label}</th>`}<th scope="col">${x?.label}</th><th scope="col">mean</th><th scope="col">low</th><th scope="col">high</th><th scope="col">n</th></tr></thead>
<tbody>${groups.flatMap(({ group, values }) =>
    values.map(
      (value, i) =>
        value &&
        markup`<tr><th scope="row">${group}</th>${rows && markup`<td>${String(rows.places[Math.floor(i / width)])}</td>`}<td>${String(x?.places[i % width])}</td><td>${numberText(value.mean)}</td><td>${endText(value.low)}</td><td>${endText(value.high)}</td><td>${value.n}</td></tr>`
    )
  )}</tbody></table></div></details>`
}

const endText = (end: number | null): string => (end === null ? '' : numberText(end))
