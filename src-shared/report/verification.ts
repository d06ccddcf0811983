/**
 * The script inside a report: it recomputes the report's tables from the embedded data and says whether they match. It
 * shares no code with the studio, so that agreement means something: the t distribution is the closed form for whole
 * degrees of freedom (Abramowitz & Stegun 26.7.3 and 26.7.4), not the studio's incomplete beta function. The report is
 * the same without it; its policy allows exactly this text, by its hash.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'

export const verificationScript = `
'use strict'
const data = JSON.parse(document.getElementById('engram-data').textContent)
const say = document.getElementById('engram-verification')
const canonical = (v) => Array.isArray(v) ? '[' + v.map(canonical).join() + ']'
  : v && typeof v === 'object' ? '{' + Object.keys(v).sort().map((k) => JSON.stringify(k) + ':' + canonical(v[k])).join() + '}'
  : JSON.stringify(v)
const cells = new Map()
for (const run of data.runs) for (const trial of run.results) {
  const key = canonical([run.id, trial.model, trial.point])
  if (!cells.has(key)) cells.set(key, [])
  cells.get(key).push(trial)
}
const valuesOf = (run, model, point, metric) => {
  const values = new Map()
  for (const trial of cells.get(canonical([run, model, point])) || []) {
    const value = metric === 'elapsedMs' ? trial.elapsedMs : trial.metrics[metric]
    if (trial.status === 'done' && Number.isFinite(value)) values.set(trial.seed, value)
  }
  return values
}
const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length
const deviation = (list) => {
  const m = mean(list)
  return Math.sqrt(list.reduce((sum, x) => sum + (x - m) * (x - m), 0) / (list.length - 1))
}
// The probability that |T| <= t, for T of v degrees of freedom.
const within = (t, v) => {
  const angle = Math.atan(t / Math.sqrt(v))
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)]
  let [term, sum] = v % 2 ? [cos, v > 1 ? cos : 0] : [1, 1]
  for (let k = v % 2 ? 3 : 2; k <= v - 2; k += 2) sum += term *= (cos * cos * (k - 1)) / k
  return v % 2 ? (2 / Math.PI) * (angle + sin * sum) : sin * sum
}
const criticals = new Map()
const critical = (v) => {
  if (!criticals.has(v)) {
    let [low, high] = [0, 13]
    for (let i = 0; i < 100; i++) {
      const middle = (low + high) / 2
      if (within(middle, v) < 0.95) low = middle
      else high = middle
    }
    criticals.set(v, low)
  }
  return criticals.get(v)
}
const pairedP = (a, b) => {
  const d = [...a].filter(([seed]) => b.has(seed)).map(([seed, x]) => x - b.get(seed))
  if (d.length < 2) return undefined
  const [m, error] = [mean(d), deviation(d) / Math.sqrt(d.length)]
  return error === 0 ? (m === 0 ? 1 : 0) : 1 - within(Math.abs(m / error), d.length - 1)
}
// A shown number is right when it is the computed one, rounded to the digits it shows (four, where trailing zeros go).
const agrees = (text, value, exact) => {
  const [, digits, power] = /^-?\\d+(?:\\.(\\d+))?(?:e([+-]?\\d+))?$/.exec(text) || []
  const unit = Math.pow(10, Number(power || 0) - (digits || '').length)
  const slack = exact || power ? unit / 2 : Math.max(5e-4 * Math.abs(value), 5e-7)
  return Math.abs(Number(text) - value) <= slack * (1 + 1e-6) + 1e-12 * Math.abs(value)
}
let [count, wrong] = [0, 0]
const judge = (element, right, computed) => {
  count++
  if (right) return
  wrong++
  element.classList.add('mismatch')
  element.title = 'Recomputed from the embedded data: ' + computed
}
for (const table of document.querySelectorAll('table[data-metric]')) {
  const { metric, direction } = table.dataset
  const [columns, sizes] = [[], []]
  for (const element of table.querySelectorAll('td[data-run]')) {
    sizes[element.cellIndex] = (sizes[element.cellIndex] || 0) + 1
    const values = valuesOf(element.dataset.run, element.dataset.model, JSON.parse(element.dataset.point), metric)
    const list = [...values.values()]
    const shown = /^(\\S+)(?: ± (\\S+))?(?: \\((\\d+))?/.exec(element.textContent)
    const half = list.length > 1 ? (critical(list.length - 1) * deviation(list)) / Math.sqrt(list.length) : 0
    const right = list.length === 0 ? shown[1] === '—'
      : Number(shown[3]) === list.length && agrees(shown[1], mean(list), Boolean(shown[2]) && Number(shown[2]) > 0)
        && (shown[2] === undefined ? list.length === 1 : agrees(shown[2], half, true))
    judge(element, right, list.length ? mean(list) + ' ± ' + half + ' (' + list.length + ')' : 'no finished trial')
    if (list.length) (columns[element.cellIndex] = columns[element.cellIndex] || []).push({ element, values, mean: mean(list) })
  }
  if (direction === 'none') continue
  for (const column of columns.filter((column, i) => column && sizes[i] > 1)) {
    const score = (entry) => (direction === 'higher' ? entry.mean : -entry.mean)
    const best = column.reduce((a, b) => (score(b) > score(a) ? b : a))
    const tests = column.filter((entry) => entry !== best).map((entry) => ({ entry, p: pairedP(best.values, entry.values) }))
      .filter(({ p }) => p !== undefined).sort((a, b) => a.p - b.p)
    let floor = 0
    const alike = new Set()
    tests.forEach(({ entry, p }, k) => {
      floor = Math.max(floor, Math.min(1, (tests.length - k) * p))
      if (floor >= 0.05) alike.add(entry)
    })
    for (const entry of column) {
      const mark = entry === best ? 'best' : alike.has(entry) ? 'alike' : ''
      judge(entry.element, ['best', 'alike'].every((name) => entry.element.classList.contains(name) === (name === mark)),
        mark || 'no mark')
    }
  }
}
for (const element of document.querySelectorAll('td[data-crossing]')) {
  const { run, model, metric, axis, threshold, scale, points } = JSON.parse(element.dataset.crossing)
  const curve = points.map((point) => ({ x: point[axis], values: [...valuesOf(run, model, point, metric).values()] }))
    .filter(({ values }) => values.length).map(({ x, values }) => ({ x, y: mean(values) })).sort((a, b) => a.x - b.x)
  const last = curve.findLastIndex(({ y }) => y >= threshold)
  const [from, to] = [curve[last], curve[last + 1]]
  const share = from && to ? (from.y - threshold) / (from.y - to.y) : 0
  const at = !from ? curve[0].x : !to ? from.x : scale === 'log' ? from.x * Math.pow(to.x / from.x, share) : from.x + share * (to.x - from.x)
  const shown = /^([<>] )?(\\S+)$/.exec(element.textContent)
  const relation = !from ? '< ' : !to ? '> ' : undefined
  judge(element, shown !== null && shown[1] === relation && Math.abs(Number(shown[2]) - at) <= 5.1e-3 * Math.abs(at), (relation || '') + at)
}
say.classList.add(wrong ? 'bad' : 'good')
say.textContent = wrong
  ? wrong + ' of ' + count + ' table values do not match the data in this file; they are marked.'
  : 'All ' + count + ' table values were recomputed from the data in this file by this page’s own script, and match.'
`

/** As the report's policy names it: `sha256-...`. */
export const verificationHash = `sha256-${btoa(String.fromCharCode(...sha256(utf8ToBytes(verificationScript))))}`
