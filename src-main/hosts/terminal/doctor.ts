/** `engram doctor`: what this machine offers and whether the data folder is sound. */
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { StudioInfo } from '../../../src-shared/shapes/machine.ts'
import { errorCodes, errorLine, toErrorData, type ErrorData } from '../../../src-shared/shapes/errors.ts'
import { plural } from '../../../src-shared/text/numbers.ts'
import { probesName } from '../../studio/studio.ts'
import type { OwnCode } from '../own-code.ts'
import { withStudio } from './session.ts'
import type { PythonState } from '../../../src-shared/shapes/python.ts'
import { plain } from './text.ts'

export interface Diagnosis {
  /** 0: all is sound; 1: something here is not; 2: the folder that was named cannot be one. */
  exitCode: 0 | 1 | 2
  text: string
}

/** The engine names its backends, the store checks its database and writes to it. */
export async function diagnose(data: string, own: OwnCode = {}): Promise<Diagnosis> {
  try {
    // Drivers that crashed when they were asked are asked again: that is what a doctor is for.
    if (existsSync(join(data, probesName))) rmSync(join(data, probesName))
    return await withStudio(
      data,
      'change',
      async ({ ask, store }) => {
        const info = await ask('studio.info', {})
        const { errors } = await ask('catalog.reload', {})
        store.tryWrite()
        return report(info, store.check(), errors, pythonLine(await ask('python.info', {})))
      },
      own
    )
  } catch (thrown) {
    const error = toErrorData(thrown)
    return {
      exitCode: errorCodes[error.code],
      text: lines([
        ['node', process.versions.node],
        ['data', data],
        ['problem', errorLine(error)]
      ])
    }
  }
}

function report(info: StudioInfo, database: string, notLoaded: readonly ErrorData[], python: string): Diagnosis {
  return {
    exitCode: info.engine.state === 'ready' && database === 'ok' && info.storeNotice === undefined ? 0 : 1,
    text: lines([
      ['engram', `${info.version} (${info.commit})`],
      ['node', info.node],
      ['system', info.os],
      ['cpu', `${info.cpu}, ${plural(info.cores, 'core')}, ${Math.round(info.memoryBytes / 2 ** 30)} GiB`],
      [
        'engine',
        `${info.engine.state}, ${plural(info.workers, 'worker')}${info.engine.message && `: ${info.engine.message}`}`
      ],
      ...info.backends.map((backend): [string, string] => [
        backend.name,
        backend.available ? backend.adapter : `not available: ${backend.reason ?? 'no reason given'}`
      ]),
      ['python', python],
      ...notLoaded.map((error): [string, string] => ['model', `not loaded: ${errorLine(error)}`]),
      ['data', info.dataFolder],
      ['database', database],
      ...(info.storeNotice === undefined ? [] : [['notice', info.storeNotice] as [string, string]])
    ])
  }
}

function pythonLine(found: PythonState): string {
  if ('missing' in found) return `not available: ${found.missing}`
  const { python, executable, numpy, torch, optuna, devices } = found
  const has = (name: string, version: string | null): string => (version === null ? `no ${name}` : `${name} ${version}`)
  return `${python} (${executable}), ${has('NumPy', numpy)}, ${has('torch', torch)}, ${has('Optuna', optuna)}, ${devices.join(', ')}`
}

function lines(entries: readonly [string, string][]): string {
  return entries.map(([name, text]) => `${name.padEnd(12)}${plain(text)}`).join('\n')
}
