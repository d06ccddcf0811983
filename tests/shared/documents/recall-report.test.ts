import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { recallReportPage } from '../../../src-shared/documents/recall-report.ts'
import { reportedStatistics, statisticsCsv } from '../../../src-shared/documents/recall-statistics.ts'
import { peopleGroup, type Group } from '../../../src-shared/figures/recall.ts'
import { analyseRecall, permuteRecall } from '../../../src-shared/recall/analyse.ts'
import type { RecallList } from '../../../src-shared/recall/data.ts'
import { recallMeasures } from '../../../src-shared/recall/measures/registry.ts'

const style = { colour: '#0072b2', dash: [], marker: 'circle' } as const
const list = (subject: string, recalls: readonly number[], n = '1'): RecallList => ({
  subject,
  list: n,
  items: ['a', 'b', 'c', 'd', 'e'].map((own) => own + n),
  recalls: recalls.map((p) => 'abcde'[p - 1] + n)
})
const lists = [list('<b>', [5, 1, 2]), list('<b>', [4, 5, 1, 3], '2'), list('t', [1, 2, 3, 4]), list('t', [3], '2')]
async function group(label: string, own: readonly RecallList[]): Promise<Group> {
  const found = analyseRecall(own, {})
  const statistics = [...found.statistics, ...(await permuteRecall(own, {}))]
  return peopleGroup({ id: label, label, style }, { ...found, statistics })
}

describe('the report of free recall', () => {
  it('shows every statistic that there is with its figure, its definition and its numbers, and names the others', async () => {
    const groups = [await group('people', lists), await group('others', lists.slice(0, 2))]
    const html = recallReportPage({
      title: 'Free recall',
      version: '0',
      created: '2026-01-01',
      groups,
      leftOut: [
        { label: 'people', leftOut: { rule: 'fewer than 9 lists', subjects: [{ subject: 'u', why: '1 list' }] } }
      ],
      spelling: []
    })
    for (const { label, name } of recallMeasures) expect(html, name).toContain(label)
    expect(html.match(/<svg/g)!.length).toBeGreaterThan(15)
    expect(html).toContain('u (1 list)')
    expect(html).toContain('needs a category of each item')
    expect(html).toContain("script-src 'none'")
    expect(html).not.toMatch(/<script|<b>|NaN|undefined/)
  })
  it('says every mean once in its table of all', async () => {
    const groups = [await group('people', lists)]
    const statistics = reportedStatistics(groups)
    const rows = statisticsCsv(statistics).trim().split(/\r?\n/)
    // 3.5 and 2.5; t of one degree is 12.706.
    expect(rows.find((row) => row.startsWith('recalled'))).toMatch(/^recalled,people,,,3,-3\.3531\d+,9\.3531\d+,2$/)
    expect(rows.filter((row) => row.startsWith('spc,people,,'))).toHaveLength(5)
    const spc = statistics.find(({ name }) => name === 'spc')!
    expect(spc.members.map(({ member, values }) => [member, values])).toEqual([
      ['<b>', [1, 0.5, 0.5, 0.5, 1]],
      ['t', [0.5, 0.5, 1, 0.5, 0]]
    ])
    const many = statistics.find(({ name }) => name === 'input-crp')!
    expect([many.members, many.groups[0].values.length]).toEqual([[], 25])
  })
  it('has places of every group, and none of a group that does not reach them', async () => {
    const groups = [await group('people', lists), await group('few', [list('s', [1])])]
    const stop = reportedStatistics(groups).find(({ name }) => name === 'stop-probability')!
    expect(stop.x!.places).toEqual([0, 1, 2, 3, 4])
    expect(stop.groups[1].values.map((value) => value?.mean ?? null)).toEqual([0, 1, null, null, null])
  })
})

describe('the guide to recall-stats', () => {
  it('lists every statistic as it is defined', () => {
    const guide = readFileSync('resources/guide/recall-stats.md', 'utf8').replace(/ +/g, ' ')
    for (const { name, look } of recallMeasures)
      expect(guide).toContain(`| \`${name}\` | ${look} |`.replace(/ +/g, ' '))
    for (const { help, source } of recallMeasures) expect(guide).toContain(`${help} ${source} |`)
  })
})
