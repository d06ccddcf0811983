/** The studio on a loopback address: for a GPU machine reached over SSH, and for every machine without the desktop. */
import { join } from 'node:path'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { startEngine } from '../../engine/process/launch.ts'
import { loopback } from './origin.ts'
import { listen, type WebHost } from './server.ts'
import { openInEditor } from '../open.ts'
import { createStudio, type Closed } from '../../studio/studio.ts'

export interface ServeOptions {
  /** 0 or none: any free port. */
  port?: number
  host?: string
  dataFolder: string
  /** Folder of the user's own models: the code in it is run. */
  modelFolder?: string
  /** The Python that runs models in Python. */
  interpreter?: string
  rendererRoot?: string
}

export interface RunningServer {
  /** The link that lets one browser in. */
  url: string
  port: number
  newLink(): string
  close(): Promise<Closed>
}

export const builtRenderer = join(import.meta.dirname, '../../../out/renderer')

/**
 * Open the studio in a data folder and serve it.
 * @throws StudioError not-supported for an address other than loopback, conflict for a port in use, store-locked
 */
export async function startServer(options: ServeOptions): Promise<RunningServer> {
  if (options.host !== undefined && !loopback.includes(options.host))
    throw new StudioError(
      'not-supported',
      `The studio is not served on ${options.host}: without TLS anyone on the way could read and run things. ` +
        'Keep 127.0.0.1 and reach it with: ssh -L PORT:127.0.0.1:PORT this-machine',
      { field: 'host' }
    )
  let web: WebHost | undefined
  const studio = await createStudio({
    dataFolder: options.dataFolder,
    host: 'serve',
    ...(options.modelFolder !== undefined && { modelFolder: options.modelFolder }),
    ...(options.interpreter !== undefined && { interpreter: options.interpreter }),
    startEngine,
    openFile: openInEditor,
    emit: (name, data) => web?.emit(name, data)
  })
  try {
    web = await listen(options.port ?? 0, options.rendererRoot ?? builtRenderer, studio.pages)
  } catch (error) {
    await studio.close()
    throw error
  }
  return {
    url: web.newLink(),
    port: web.port,
    newLink: web.newLink,
    async close() {
      await web.close()
      return studio.close()
    }
  }
}
