/** `engram doctor`: what this machine offers and whether the data folder is sound. */
import type { StudioInfo } from '../../../src-shared/shapes/machine.ts'
import { errorLine, toErrorData } from '../../../src-shared/shapes/errors.ts'
import { withStudio } from './session.ts'
import { plain } from './text.ts'

export interface Diagnosis {
  healthy: boolean
  text: string
}

/** The engine names its backends, the store checks its database and writes to it. */
export async function diagnose(data: string): Promise<Diagnosis> {
  try {
    return await withStudio(data, 'change', async ({ ask, store }) => {
      const info = await ask('studio.info', {})
      store.tryWrite()
      return report(info, store.check())
    })
  } catch (error) {
    return {
      healthy: false,
      text: lines([
        ['node', process.versions.node],
        ['data', data],
        ['problem', errorLine(toErrorData(error))]
      ])
    }
  }
}

function report(info: StudioInfo, database: string): Diagnosis {
  return {
    healthy: info.engine.state === 'ready' && database === 'ok' && info.storeNotice === undefined,
    text: lines([
      ['engram', `${info.version} (${info.commit})`],
      ['node', info.node],
      ['system', info.os],
      ['cpu', `${info.cpu}, ${info.cores} cores, ${Math.round(info.memoryBytes / 2 ** 30)} GiB`],
      ['engine', `${info.engine.state}, ${info.workers} workers${info.engine.message && `: ${info.engine.message}`}`],
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
