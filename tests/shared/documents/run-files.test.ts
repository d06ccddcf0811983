import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseResults } from '../../../src-shared/exchange/results-file.ts'
import { documentFormats } from '../../../src-shared/shapes/exported-file.ts'
import { exportRuns } from '../../../src-shared/documents/run-files.ts'
import { cellText } from '../../../src-shared/documents/pivot.ts'
import { verificationHash } from '../../../src-shared/documents/self-check.ts'
import { elementsIn, hostileNames, input, hostile } from '../support.ts'

describe('the HTML report', () => {
  it('shows mean, interval and n; t(2) = 4.303 makes the half width of .8, .9, 1 equal .248', () => {
    const { content } = exportRuns('html', input())
    expect(content).toContain('0.90 ± 0.25 (3)')
    // t(1) = 12.706: .5 and .7 have mean .6 and half width 1.27; the diverged trial is said and not averaged in.
    expect(content).toContain('0.6 ± 1.3 (2, 1 diverged)')
    expect(content).toContain('1 trial did not finish')
  })
  it('needs no network, and runs no script but the one its policy names by hash', () => {
    const { content } = exportRuns('html', input())
    expect(content).not.toMatch(/(src|href)=|@import|url\((?!#)/)
    expect(content.match(/<script/g)).toHaveLength(2)
    expect(content).toContain('<script type="application/json"')
    const script = /<script>(.*?)<\/script>/s.exec(content)![1]
    expect(`sha256-${createHash('sha256').update(script).digest('base64')}`).toBe(verificationHash)
    expect(content).toContain(
      `content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src '${verificationHash}'"`
    )
  })
  it('marks the best mean, and what a paired t test cannot tell from it', () => {
    const { content } = exportRuns('html', input())
    // Only seeds 0 and 2 pair: differences .4 and .1, t = .25 / .15 = 1.667, df 1, p = .344 (t table)
    expect(content).toMatch(/<td class="best" data-run="R1" data-model="hebb"/)
    expect(content).toMatch(/<td class="alike" title="[^"]*p = 0.34" data-run="R1" data-model="slots"/)
  })
  it.each(hostileNames)('lets no name become an element or a handler: %j', (name) => {
    const [clean, dirty] = [input(), input(name)].map((given) => elementsIn(exportRuns('html', given).content))
    expect(dirty).toEqual(clean)
  })
  it('would show an element that slipped through', () => {
    expect(elementsIn(`<p title="${hostile}">`)).toContain('img src onerror')
    expect(elementsIn('<td title="" onmouseover="alert(1)">')).toEqual(['td title onmouseover'])
  })
  it('embeds the data it shows', () => {
    const { content } = exportRuns('html', input(hostile))
    const json = /<script type="application\/json" id="engram-data">(.*?)<\/script>/s.exec(content)![1]
    expect(JSON.parse(json).runs[0]).toMatchObject({ name: hostile, results: { length: 6 } })
    expect(parseResults(content).runs[0].name).toBe(hostile)
  })
})

describe('an export', () => {
  it.each(documentFormats)('as %s is made of hostile names too, under a name that is no path', (format) => {
    for (const name of hostileNames) expect(exportRuns(format, input(name)).name).toMatch(/^[a-z0-9-]+(\.[a-z]+)+$/)
  })

  it('refuses nothing at all, and two runs as one experiment', () => {
    expect(() => exportRuns('html', { ...input(), runs: [] })).toThrow(/at least one run/)
    const twice = { ...input(), runs: [...input().runs, ...input().runs] }
    expect(() => exportRuns('experiment', twice)).toThrow(/one experiment/)
  })
  it('never makes a path of a name', () => {
    expect(exportRuns('json', input('../../etc/pass wd')).name).toBe('etc-pass-wd.results.json')
    expect(exportRuns('json', input('…')).name).toBe('run.results.json')
  })
})

describe('a cell of a table', () => {
  it('says when nothing is done', () => {
    expect(cellText({ n: 0, mean: null, low: null, high: null, diverged: 0, failed: 2 })).toBe('— (2 failed)')
  })
})
