/** `engram doctor`: what this machine offers and whether the data folder is sound. */
import type { StudioInfo } from '../../../src-shared/shapes/machine.ts'
import { errorCodes, errorLine, toErrorData } from '../../../src-shared/shapes/errors.ts'
import { plural } from '../../../src-shared/text/numbers.ts'
import { withStudio } from './session.ts'
import { plain } from './text.ts'

export interface Diagnosis {
  /** 0: all is sound; 1: something here is not; 2: the folder that was named cannot be one. */
  exitCode: 0 | 1 | 2
  text: string
}

/** The engine names its backends, the store checks its database. */
export async function diagnose(data: string): Promise<Diagnosis> {
  try {
    return await withStudio(data, 'change', async ({ ask, checkStore }) =>
      report(await ask('studio.info', {}), checkStore())
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

function report(info: StudioInfo, database: string): Diagnosis {
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
      ['data', info.dataFolder],
      ['database', database],
      ...(info.storeNotice === undefined ? [] : [['notice', info.storeNotice] as [string, string]])
    ])
  }
}

function lines(entries: readonly [string, string][]): string {
  return entries.map(([name, text]) => `${name.padEnd(12)}${plain(text)}`).join('\n')
}
