import { number } from '../../src-shared/shapes/params.ts'
import { defineTask } from './task.ts'
import { judge, scoreInfos, targetsOf } from './parts/judge.ts'
import { dimParam } from './parts/sources.ts'
import { meanByTrial, rows, withTensors } from './parts/tensors.ts'
import { levelsOf, treesOf } from './parts/trees.ts'

/** A day's episodes: bursts minutes apart, with pauses of half an hour to hours between them. */
const hours = [0.1, 0.2, 0.4, 1, 1.1, 1.5, 3, 3.2, 3.3, 6, 6.1, 10.8, 11] as const

/**
 * Multi-scale: which spans of time a hierarchy answers with.
 *
 * Store a day of 13 episodes at hours 0.1 to 11, at one place. Query each at its own time. For every query and level:
 * how many nodes contain that time, and how long a span they cover. A level-l node joins what lies within 2^l time units;
 * the parameter says how many of these an hour has.
 */
export default defineTask({
  id: 'multi-scale',
  title: 'Multi-scale time',
  family: 'Hierarchies',
  summary: 'With which spans of time does a hierarchy answer a question about a moment?',
  protocol: [
    'Store a day of 13 episodes in bursts, from hour 0.1 to hour 11, at one place.',
    'Query each episode at its own time.',
    'For every query and level, count the nodes whose extent contains that time, and their span.'
  ],
  diagram: [
    { kind: 'study', title: 'A day', lines: ['13 episodes in bursts', 'hours 0.1 to 11, one place'] },
    { kind: 'cue', title: 'Cue', lines: ['kᵢ at its own time tᵢ'] },
    { kind: 'judge', title: 'Judge', lines: ['nodes that contain tᵢ', 'and their hours, by level'] }
  ],
  source: 'Multi-scale retrieval protocol of the hierarchical memories in the source documents',
  params: {
    unitsPerHour: number('Time units per hour', 10, {
      help: 'A node of level l joins what lies within 2^l time units: with 10 an hour, level 1 spans pauses of 12 minutes.',
      min: 0.01,
      max: 10_000,
      unit: '1/h',
      scale: 'log'
    }),
    dim: dimParam
  },
  defaultSweep: { unitsPerHour: [1, 3, 10, 30] },
  metrics: [
    {
      name: 'nodes',
      label: 'Nodes',
      direction: 'none',
      tex: '|\\mathcal N|',
      help: 'Nodes of the tree, leaves included.',
      positive: true
    },
    {
      name: 'matching',
      label: 'Nodes per query',
      direction: 'none',
      tex: '\\frac1Q\\sum_q|\\{n:t_q\\in[s_n,e_n]\\}|',
      help: 'Mean number of nodes whose extent contains the query’s time.',
      positive: true
    },
    {
      name: 'span',
      label: 'Longest span',
      unit: 'h',
      direction: 'none',
      tex: '\\frac1Q\\sum_q\\max_{n\\ni t_q}(e_n-s_n)',
      help: 'Mean over queries of the longest span among the nodes that contain their time.',
      positive: true
    },
    scoreInfos.cosine
  ],
  mainMetric: 'matching',
  series: [
    {
      name: 'nodes-by-level',
      label: 'Nodes per query',
      x: { label: 'Level' },
      direction: 'none',
      help: 'Mean number of matching nodes per query at each level.',
      positive: true
    },
    {
      name: 'span-by-level',
      label: 'Span',
      unit: 'h',
      x: { label: 'Level' },
      direction: 'none',
      help: 'Mean over queries of the summed span of their matching nodes at each level.',
      positive: true
    }
  ],
  needs: { interface: 'key-value', places: true, capability: 'tree' },
  revision: 1,
  workload: () => ({ stored: hours.length, before: 0, queries: hours.length }),
  run: ({ unitsPerHour, dim }, context) =>
    withTensors(async (own) => {
      const { batch, random } = context
      const keys = own(rows(random.normal('keys', hours.length * dim), batch, dim))
      const values = own(rows(random.normal('values', hours.length * dim), batch, dim))
      const times = hours.map((hour) => hour * unitsPerHour)
      const positions = hours.map(() => 0)
      const memory = context.memory()
      memory.store!({ keys, values, positions, times })
      const truth = own(targetsOf(memory, values))
      const judged = await judge(own(memory.retrieve!({ queries: keys, positions, times })), truth, truth)
      const trees = (await treesOf(memory))!
      const levels = levelsOf(trees)
      /** [query][level] of each trial. */
      const found = trees.map((nodes) =>
        times.map((time) => {
          const matching = nodes.filter(({ start, end }) => start.time <= time && time <= end.time)
          return levels.map((level) => {
            const here = matching.filter((node) => node.level === level)
            const spans = here.map(({ start, end }) => (end.time - start.time) / unitsPerHour)
            return { count: here.length, total: spans.reduce((a, b) => a + b, 0), longest: Math.max(0, ...spans) }
          })
        })
      )
      const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
      const table = (name: string, title: string, of: (cell: (typeof found)[0][0][0]) => number) => ({
        name,
        title,
        kind: 'heatmap' as const,
        axes: ['Episode', 'Level'],
        perTrial: found.map((queries) => ({
          shape: [hours.length, levels.length],
          data: queries.flatMap((query) => query.map(of))
        }))
      })
      return {
        metrics: {
          nodes: trees.map((nodes) => nodes.length),
          matching: found.map((queries) => mean(queries.map((query) => query.reduce((sum, l) => sum + l.count, 0)))),
          span: found.map((queries) => mean(queries.map((query) => Math.max(...query.map((l) => l.longest))))),
          cosine: meanByTrial(judged.cosine, batch)
        },
        series: {
          'nodes-by-level': {
            x: levels,
            y: found.map((q) => levels.map((l) => mean(q.map((query) => query[l].count))))
          },
          'span-by-level': { x: levels, y: found.map((q) => levels.map((l) => mean(q.map((query) => query[l].total)))) }
        },
        traces: [
          table('nodes', 'Matching nodes by episode and level', (cell) => cell.count),
          table('spans', 'Hours covered by episode and level', (cell) => cell.total)
        ]
      }
    })
})
