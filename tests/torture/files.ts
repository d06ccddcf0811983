/**
 * Files of other tools, mutated: bytes flipped, lines cut, doubled and swapped, fields exchanged. Each is read, or refused by
 * an error of the catalogue that is no `internal`, soon; and what was refused left nothing in the store.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { builtInRegistry } from '../../src-main/engine/worker/registry.ts'
import { openStore } from '../../src-main/store/open.ts'
import { importFile } from '../../src-main/studio/imports.ts'
import { readVectors } from '../../src-main/studio/vectors.ts'
import { readWeights, writeNpz, writeSafetensors } from '../../src-main/tensors/weights/files.ts'
import { writeNpy } from '../../src-main/tensors/weights/npy.ts'
import { kindOfFile } from '../../src-shared/exchange/file-kind.ts'
import { experimentOfWandb } from '../../src-shared/exchange/wandb.ts'
import { readRecall } from '../../src-shared/recall/data.ts'
import { subjectStatistics } from '../../src-shared/recall/statistics.ts'
import { StudioError, toErrorData } from '../../src-shared/shapes/errors.ts'
import { parseExperiment } from '../../src-shared/shapes/experiment.ts'
import { seeded } from '../../src-shared/statistics/random.ts'
import { textOf } from '../../src-shared/text/read.ts'
import type { Campaign } from './campaign.ts'

/** A read that takes longer hangs, for whoever waits for it. */
const longestMs = 5000
const folder = join(import.meta.dirname, '../cases')
const filesIn = (kind: string): [string, Buffer][] =>
  readdirSync(join(folder, kind)).map((name) => [name, readFileSync(join(folder, kind, name))])

export const files: Campaign = async ({ rounds, seed, folder: own, tell }) => {
  const next = seeded(seed)
  const below = (n: number): number => Math.floor(next() * n)
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]
  const catalog = builtInRegistry().catalog()
  const store = openStore({ folder: own })
  const tensors = new Map([
    ['a.weight', { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
    ['b', { shape: [4], data: Float32Array.of(1, 2, 3, 4) }]
  ])
  const matrix = { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) }

  /** Bytes changed wherever they are. */
  const flipped = (bytes: Buffer): Buffer => {
    const out = Buffer.from(bytes)
    for (let i = below(8); i >= 0 && out.length; i--) out[below(out.length)] = below(256)
    return next() < 0.1 ? out.subarray(0, below(out.length)) : out
  }
  /** Lines cut, doubled and swapped, fields of a line exchanged. */
  const rearranged = (bytes: Buffer): Buffer => {
    const lines = bytes.toString('latin1').split('\n')
    for (let i = below(4); i >= 0 && lines.length; i--) {
      const [a, b] = [below(lines.length), below(lines.length)]
      const cells = lines[a].split(',')
      const [c, d] = [below(cells.length), below(cells.length)]
      switch (below(6)) {
        case 0:
          lines.splice(a, 1)
          break
        case 1:
          lines.splice(a, 0, lines[b])
          break
        case 2:
          ;[lines[a], lines[b]] = [lines[b], lines[a]]
          break
        case 3:
          ;[cells[c], cells[d]] = [cells[d], cells[c]]
          lines[a] = cells.join(',')
          break
        case 4:
          cells[c] = pick([
            '',
            'NaN',
            '-inf',
            '1e999',
            '0,5',
            '"',
            '-1',
            '1e20',
            'NA',
            '99999999999999999999',
            '\u00e9',
            ' '
          ])
          lines[a] = cells.join(',')
          break
        default:
          lines[a] = lines[a].slice(0, below(lines[a].length + 1))
      }
    }
    return Buffer.from(lines.join(pick(['\n', '\r\n', '\r'])), 'latin1')
  }

  const kinds: Record<string, { files: [string, Buffer][]; read: (name: string, bytes: Buffer) => unknown }> = {
    mlflow: { files: filesIn('mlflow'), read: (name, bytes) => importFile(name, bytes, store) },
    scalars: { files: filesIn('scalars'), read: (name, bytes) => importFile(name, bytes, store) },
    wandb: { files: filesIn('wandb'), read: (name, bytes) => experimentOfWandb(textOf(bytes, name), catalog, name) },
    experiment: { files: filesIn('experiment'), read: (name, bytes) => parseExperiment(textOf(bytes, name), name) },
    recall: {
      files: filesIn('recall'),
      read: (name, bytes) => {
        const lists = readRecall(textOf(bytes, name), name)
        const [length] = lists.map(({ items }) => items.length)
        return subjectStatistics(
          lists.filter(({ items }) => items.length === length),
          { among: lists }
        )
      }
    },
    vectors: {
      files: [...filesIn('vectors'), ...filesIn('npy'), ['a.npy', writeNpy(matrix)]],
      read: readVectors
    },
    weights: {
      files: [
        ...filesIn('safetensors'),
        ...filesIn('pt'),
        ['a.safetensors', writeSafetensors(tensors)],
        ['a.npz', writeNpz(tensors)]
      ],
      read: (name, bytes) => readWeights(bytes, name)
    }
  }
  const summary: Record<string, number> = {}
  const failures: string[] = []
  const stored = (): string =>
    JSON.stringify(
      store.read.history({ trashed: false, sort: 'created', descending: true, offset: 0, limit: 200 } as never)
    )
  for (const [kind, { files: valid, read }] of Object.entries(kinds))
    for (let round = 0; round < rounds; round++) {
      if (round > 0 && round % 5000 === 0) tell(`${kind}: ${round} of ${rounds}, ${failures.length} failures`)
      const [name, bytes] = pick(valid)
      const mutated = next() < 0.5 ? flipped(bytes) : rearranged(bytes)
      const watched = kind === 'mlflow' || kind === 'scalars'
      const before = watched ? stored() : ''
      const started = performance.now()
      try {
        if (kind !== 'mlflow') kindOfFile(name, mutated)
        await read(name, mutated)
        summary[`${kind} read`] = (summary[`${kind} read`] ?? 0) + 1
      } catch (error) {
        const { code, message, cause } = toErrorData(error)
        const why = `${kind} ${name} round ${round}, seed ${seed}`
        if (!(error instanceof StudioError) || code === 'internal') failures.push(`${why}: ${cause ?? message}`)
        if (/invalid input/i.test(message)) failures.push(`${why}: says nothing: ${message}`)
        if (watched && stored() !== before) failures.push(`${why}: stored something and refused the file`)
        summary[`${kind} refused`] = (summary[`${kind} refused`] ?? 0) + 1
      }
      if (performance.now() - started > longestMs) failures.push(`${kind} ${name} round ${round}, seed ${seed}: hangs`)
    }
  const check = store.check()
  if (check !== 'ok') failures.push(`the store: ${check}`)
  store.close()
  return { summary, failures }
}
