/** What Slurm is asked, with its own commands: here, or on a host that the system's own ssh reaches. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import type { SlurmWish } from '../../../src-shared/shapes/place.ts'
import type { ArrayJob, SlurmFolder } from './folder.ts'

const patienceMs = 30_000

/** A word of a shell's command line. */
const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

function run(program: string, args: readonly string[], ssh: string | undefined): Promise<string> {
  const [command, all] = ssh
    ? ['ssh', ['-o', 'BatchMode=yes', '--', ssh, [program, ...args].map(quoted).join(' ')]]
    : [program, [...args]]
  return new Promise((resolve, reject) =>
    execFile(command, all, { timeout: patienceMs, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout)
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
      reject(
        new StudioError(
          missing ? 'not-found' : 'engine-failed',
          missing
            ? `There is no ${command} here. Submit on a machine of the cluster, or name one: --ssh HOST.`
            : `${program} failed: ${(stderr || error.message).trim().split('\n').slice(-3).join(' ').slice(0, 500)}`
        )
      )
    })
  )
}

/**
 * Options as they stand on a command line, as words.
 * @throws StudioError bad-input for a quote that does not end
 */
export function words(text: string): string[] {
  const found: string[] = []
  const pattern = /\s*((?:"[^"]*"|'[^']*'|[^\s"'])+)/gy
  let end = 0
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    found.push(match[1].replace(/"([^"]*)"|'([^']*)'/g, (_, a?: string, b?: string) => a ?? b ?? ''))
    end = pattern.lastIndex
  }
  if (text.slice(end).trim())
    throw new StudioError('bad-input', 'A quote in the options of sbatch does not end.', { field: 'sbatch' })
  const odd = found.find((word, i) => !word.startsWith('-') && (i === 0 || !/^-[^-]|^--[^=]+$/.test(found[i - 1])))
  if (odd !== undefined)
    throw new StudioError('bad-input', `"${odd}" is no option of sbatch; they begin with a minus.`, { field: 'sbatch' })
  return found
}

/** How `engram` is started on the cluster. */
export type EngramCommand = readonly string[]

/** Give tasks to the cluster as one array. @throws StudioError not-found without sbatch, engine-failed with what it says */
export async function submitArray(
  folder: SlurmFolder,
  { first, last }: Pick<ArrayJob, 'first' | 'last'>,
  { sbatch, ssh }: Pick<SlurmWish, 'sbatch' | 'ssh'>,
  engram: EngramCommand
): Promise<ArrayJob> {
  const options = words(sbatch)
  const said = await run(
    'sbatch',
    [
      ...['--parsable', '--job-name=engram', `--array=${first}-${last}`],
      ...[`--output=${join(folder.path, 'logs', '%A_%a.out')}`, '--open-mode=append'],
      ...options,
      script(folder, engram)
    ],
    ssh
  )
  const id = /^(\d+)/.exec(said.trim())?.[1]
  if (id === undefined) throw new StudioError('engine-failed', `sbatch gave no job: ${said.trim().slice(0, 200)}`)
  const job: ArrayJob = { id, first, last, ...(ssh && { ssh }) }
  folder.addJob(job)
  return job
}

/** The script of every task. @returns its file */
export const script = (folder: SlurmFolder, engram: EngramCommand): string =>
  folder.writeScript(
    [
      '#!/bin/sh',
      '# One task of the array: the batches of tasks/INDEX.json that have no outcome yet.',
      `exec ${engram.map(quoted).join(' ')} task ${quoted(folder.path)} "$SLURM_ARRAY_TASK_ID"`,
      ''
    ].join('\n')
  )

export type TaskState = 'pending' | 'running' | 'ending'

/** The tasks of a folder's jobs that the cluster has not done with. */
export async function tasksAt(jobs: readonly ArrayJob[]): Promise<Map<number, TaskState>> {
  const states = new Map<number, TaskState>()
  for (const [ssh, own] of Map.groupBy(jobs, (job) => job.ssh)) {
    let said: string
    try {
      said = await run(
        'squeue',
        ['--noheader', '--array', `--jobs=${own.map((job) => job.id).join(',')}`, '--format=%F %K %T'],
        ssh
      )
    } catch (error) {
      // Of jobs that it has forgotten squeue says that their ids are invalid.
      if (/Invalid job id/i.test((error as Error).message)) continue
      throw error
    }
    for (const line of said.split('\n')) {
      const [, task, state] = /^\d+ (\d+) ([A-Z_]+)/.exec(line.trim()) ?? []
      if (task === undefined) continue
      const what = /^PENDING|^REQUEUE/.test(state) ? 'pending' : /^COMPLETING/.test(state) ? 'ending' : 'running'
      states.set(Number(task), what)
    }
  }
  return states
}

/** Tell the cluster of all of a folder's jobs. */
export async function tellJobs(jobs: readonly ArrayJob[], what: 'hold' | 'release' | 'cancel'): Promise<void> {
  for (const [ssh, own] of Map.groupBy(jobs, (job) => job.ssh)) {
    const ids = own.map((job) => job.id)
    await (what === 'cancel' ? run('scancel', ids, ssh) : run('scontrol', [what, ids.join(',')], ssh)).catch(
      (error: unknown) => {
        if (!/Invalid job id|already/i.test((error as Error).message)) throw error
      }
    )
  }
}
