/**
 * The script inside a report: it recomputes the report's tables from the embedded data and says whether they match. It
 * shares no code with the studio, so that agreement means something: the t distribution is the closed form for whole
 * degrees of freedom (Abramowitz & Stegun 26.7.3 and 26.7.4), not the studio's incomplete beta function, and the
 * bootstrap is written anew on the same seeded draws, which the table names. Figures are not recomputed. The report is the
 * same without it; its policy allows exactly this text, by its hash.
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
  const common = [...a].filter(([seed]) => b.has(seed))
  if (common.length < 2) return undefined
  const d = common.map(([seed, x]) => x - b.get(seed))
  const slack = 1e-14 * Math.max(...common.map(([seed, x]) => Math.max(Math.abs(x), Math.abs(b.get(seed)))))
  const [m, spread] = [mean(d), Math.max(...d) - Math.min(...d)]
  if (spread <= slack) return Math.abs(m) <= slack ? 1 : 0
  return 1 - within(Math.abs(m / (deviation(d) / Math.sqrt(d.length))), d.length - 1)
}
// Numbers that only rounding tells apart.
const same = (a, b) => Math.abs(a - b) <= 1e-13 * Math.max(Math.abs(a), Math.abs(b))
// The ends of the interval around the mean of n > 1 values, by what is known of them.
const endsOf = (list, scale) => {
  const [n, m, sd] = [list.length, mean(list), same(Math.min(...list), Math.max(...list)) ? 0 : deviation(list)]
  const t = critical(n - 1)
  const half = (t * sd) / Math.sqrt(n)
  const inside = (low, high) => list.every((x) => x >= low && x <= high)
  const log = () => [m * Math.exp(-half / m || 0), m * Math.exp(half / m || 0)]
  if (scale && scale.kind === 'share' && inside(0, 1)) {
    // The ends are where the score test of a share just holds: (m - p)² = z² p (1 - p) / N, a quadratic in p.
    const [z2, whole] = [3.841458820694124, n * scale.of]
    const p = (m * whole + 1) / (whole + 2)
    const N = whole / Math.max(1, (half * half * whole) / (z2 * p * (1 - p)))
    const [a, b, c] = [1 + z2 / N, -2 * m - z2 / N, m * m]
    const root = Math.sqrt(Math.max(0, b * b - 4 * a * c))
    return [Math.max(0, (-b - root) / (2 * a)), Math.min(1, (-b + root) / (2 * a))]
  }
  if (scale && scale.kind === 'positive' && inside(0, Infinity)) return log()
  if (scale && scale.kind === 'limit' && inside(0, Infinity)) {
    const [low, high] = log()
    return [low, list.some((x) => x >= scale.never) ? Math.min(high, scale.never) : high]
  }
  if (scale && scale.kind === 'bounded' && inside(scale.low, scale.high) && (m - half < scale.low || m + half > scale.high)) {
    // Beyond the bounds the roots of (p - u)² = c u (1 - u), p and u on the scale of the bounds.
    const size = scale.high - scale.low
    const p = (m - scale.low) / size
    const c = Math.pow(half / size, 2) / (p * (1 - p))
    const root = Math.sqrt(Math.pow(2 * p + c, 2) - 4 * (1 + c) * p * p)
    return [-root, root].map((r) => scale.low + (size * (2 * p + c + r)) / (2 + 2 * c))
  }
  return [m - half, m + half]
}
const plain = (text) => text.replaceAll('−', '-').replaceAll('∞', 'Infinity')
// A shown number is right when it is the computed one, rounded to the digits it shows (four, where trailing zeros go).
const agrees = (shown, value, exact, size = 1) => {
  const text = plain(shown)
  const [, digits, power] = /^-?\\d+(?:\\.(\\d+))?(?:e(-?\\d+))?$/.exec(text) || []
  const unit = Math.pow(10, Number(power || 0) - (digits || '').length)
  const slack = exact ? unit / 2 : 5e-4 * Math.abs(value)
  return Math.abs(Number(text) - value) <= slack * (1 + 1e-6) + 1e-12 * Math.max(1, Math.abs(size), Math.abs(value))
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
    const scale = element.dataset.scale && JSON.parse(element.dataset.scale)
    const beyond = scale && scale.kind === 'limit' ? list.filter((x) => x >= scale.never).length : 0
    const shown = /^(> )?(\\S+)(?: ± (\\S+)| \\[(\\S+), (\\S+)\\])?(?: \\((\\d+)(?:, (\\d+) > (\\S+?)(?=[,)]))?)?/.exec(element.textContent)
    const ends = list.length > 1 ? endsOf(list, scale) : []
    const [none, half, low, high] = [shown[3] === undefined && shown[4] === undefined, shown[3], shown[4], shown[5]]
    const spread = (ends[1] - ends[0]) / 2
    const right = list.length === 0 ? shown[2] === '—'
      : Number(shown[6] || table.dataset.n) !== list.length ? false
      : beyond === list.length ? shown[1] === '> ' && Number(plain(shown[2])) === scale.limit && none
      : shown[1] === undefined && Number(shown[7] || 0) === beyond
        && agrees(shown[2], mean(list), !none && Number(plain(half || '1')) !== 0 && spread > 0)
        && (none ? list.length === 1 : half === undefined ? agrees(low, ends[0], true) && agrees(high, ends[1], true) : agrees(half, spread, Number(plain(half)) > 0, mean(list)))
    judge(element, right, list.length ? mean(list) + ' [' + ends.join(', ') + '] (' + list.length + ')' : 'no finished trial')
    if (list.length) (columns[element.cellIndex] = columns[element.cellIndex] || []).push({ element, values, mean: mean(list) })
  }
  if (direction === 'none') continue
  for (const column of columns.filter((column, i) => column && sizes[i] > 1)) {
    const score = (entry) => (direction === 'higher' ? entry.mean : -entry.mean)
    const best = column.reduce((a, b) => (score(b) > score(a) && !same(score(b), score(a)) ? b : a))
    const equal = (entry) => same(score(entry), score(best))
    const tests = column.filter((entry) => !equal(entry)).map((entry) => ({ entry, p: pairedP(best.values, entry.values) }))
      .filter(({ p }) => p !== undefined).sort((a, b) => a.p - b.p)
    let floor = 0
    const alike = new Set()
    tests.forEach(({ entry, p }, k) => {
      floor = Math.max(floor, Math.min(1, (tests.length - k) * p))
      if (floor >= 0.05 * (1 - 1e-14)) alike.add(entry)
    })
    for (const entry of column) {
      const mark = equal(entry) ? 'best' : alike.has(entry) ? 'alike' : ''
      judge(entry.element, ['best', 'alike'].every((name) => entry.element.classList.contains(name) === (name === mark)),
        mark || 'no mark')
    }
  }
}
// Where a curve falls through a threshold; beyond the grid it is infinite.
const crossing = (xs, ys, threshold, scale, rising) => {
  if (rising) {
    const at = crossing(xs.toReversed(), ys.toReversed(), threshold, scale)
    return Number.isFinite(at) ? at : -at
  }
  const last = ys.findLastIndex((y) => y >= threshold || same(y, threshold))
  if (last < 0) return -Infinity
  if (last === xs.length - 1) return Infinity
  const share = Math.max(0, ys[last] - threshold) / (ys[last] - ys[last + 1])
  return scale === 'log' ? xs[last] * Math.pow(xs[last + 1] / xs[last], share) : xs[last] + share * (xs[last + 1] - xs[last])
}
const sameCrossing = (text, at, xs) => {
  const shown = /^([<>] )?(\\S+)$/.exec(text)
  if (!shown) return false
  const [relation, value] = at === Infinity ? ['> ', xs[xs.length - 1]] : at === -Infinity ? ['< ', xs[0]] : [undefined, at]
  return shown[1] === relation && Math.abs(Number(plain(shown[2])) - value) <= 5.1e-3 * Math.abs(value)
}
// SplitMix32 from a fixed seed, a stream for each table: the draws of an interval can be repeated.
const uniform = (seed) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return ((z ^ (z >>> 15)) >>> 0) / 4294967296
  }
}
const quantile = (sorted, p) => {
  const at = p * (sorted.length - 1)
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  return low === high || at % 1 === 0 ? low : low + (at % 1) * (high - low)
}
for (const table of document.querySelectorAll('table[data-draws]')) {
  const random = uniform(Number(table.dataset.seed))
  const draws = Number(table.dataset.draws)
  for (const element of table.querySelectorAll('td[data-crossing]')) {
    const { run, model, metric, axis, threshold, scale, rising, points } = JSON.parse(element.dataset.crossing)
    const curve = points.map((point) => ({ x: point[axis], values: [...valuesOf(run, model, point, metric).values()].sort((a, b) => a - b) }))
      .filter(({ values }) => values.length).sort((a, b) => a.x - b.x)
    const xs = curve.map(({ x }) => x)
    const at = crossing(xs, curve.map(({ values }) => mean(values)), threshold, scale, rising)
    judge(element, sameCrossing(element.textContent, at, xs), String(at))
    const [interval, number] = [element.nextElementSibling, element.nextElementSibling.nextElementSibling]
    const n = Math.min(...curve.map(({ values }) => values.length))
    judge(number, Number(number.textContent) === n, String(n))
    if (n < 2) {
      judge(interval, interval.textContent.startsWith('none'), 'none')
      continue
    }
    // The percentile bootstrap, each point of the grid resampled within itself.
    const found = Float64Array.from({ length: draws }, () => crossing(xs, curve.map(({ values }) => {
      let sum = 0
      for (let i = 0; i < values.length; i++) sum += values[Math.floor(random() * values.length)]
      return sum / values.length
    }), threshold, scale, rising)).sort()
    const ends = [quantile(found, 0.025), quantile(found, 0.975)]
    const texts = interval.textContent.split(' to ')
    judge(interval, sameCrossing(texts[0], ends[0], xs) && sameCrossing(texts[texts.length - 1], ends[1], xs), ends.join(' to '))
  }
}
say.classList.add(wrong ? 'bad' : 'good')
say.textContent = wrong
  ? wrong + ' of ' + count + ' table values do not match the data in this file; they are marked.'
  : 'All ' + count + ' table values were recomputed from the data in this file by this page’s own script, and match.'
`

/** As the report's policy names it: `sha256-...`. */
export const verificationHash = `sha256-${btoa(String.fromCharCode(...sha256(utf8ToBytes(verificationScript))))}`
