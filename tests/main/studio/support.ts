import { expect, onTestFinished } from 'vitest'
import {
  calls,
  events,
  type CallInput,
  type CallName,
  type CallOutput,
  type EventData,
  type EventName
} from '../../../src-shared/contract/index.ts'
import type { Progress, RunStatus } from '../../../src-shared/shapes/run.ts'
import { StudioError, type ErrorData } from '../../../src-shared/shapes/errors.ts'
import { createStudio, type Studio, type StudioOptions } from '../../../src-main/studio/studio.ts'
import { FakeMachine, type Manners } from './fake-engine.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

export interface Opened extends Studio {
  fake: FakeMachine
  folder: string
  heard: { name: EventName; data: unknown }[]
  all<N extends EventName>(name: N): EventData<N>[]
  /** Resolves once the run's newest progress has one of these statuses (and fits `when`). */
  until(id: string, statuses: readonly RunStatus[], when?: (progress: Progress) => boolean): Promise<Progress>
}

/** A studio over the fake engine (or another), every event of which is held against the contract. */
export async function openStudio(
  manners: Manners = {},
  over: Partial<StudioOptions> & { folder?: string } = {}
): Promise<Opened> {
  const fake = new FakeMachine(manners)
  const folder = over.folder ?? temporaryFolder('studio')
  const heard: Opened['heard'] = []
  const listeners = new Set<() => void>()
  const studio = await createStudio({
    dataFolder: folder,
    host: 'serve',
    startEngine: fake.start,
    emit(name, data) {
      expect(events[name].parse(data)).toEqual(data)
      heard.push({ name, data })
      for (const listener of listeners) listener()
    },
    ...over
  })
  onTestFinished(async () => void (await studio.close()))
  const all = <N extends EventName>(name: N): EventData<N>[] =>
    heard.filter((event) => event.name === name).map((event) => event.data as EventData<N>)
  return {
    ...studio,
    fake,
    folder,
    heard,
    all,
    until: (id, statuses, when = () => true) =>
      new Promise((resolve) => {
        const look = (): void => {
          const newest = all('run.progress').findLast((p) => p.runId === id)
          if (!newest || !statuses.includes(newest.status) || !when(newest)) return
          listeners.delete(look)
          resolve(newest)
        }
        listeners.add(look)
        look()
      })
  }
}

/** A call as a host makes it: both sides held against the contract. */
export const asked =
  (studio: Pick<Studio, 'handlers'>) =>
  async <N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>> => {
    const handler = studio.handlers[name] as (input: unknown) => unknown
    const output = await handler(calls[name].input.parse(input))
    expect(calls[name].output.parse(output)).toEqual(output)
    return output as CallOutput<N>
  }

export const ended = ['done', 'failed', 'cancelled', 'interrupted'] as const

/** Two models at two list lengths: 4 cells. */
export const twoModels = (count: number, first = 100): Record<string, unknown> => ({
  format: 'engram-experiment/1',
  name: 'Two fakes',
  task: { kind: 'count' },
  models: [{ kind: 'alpha' }, { kind: 'beta' }],
  sweep: [{ param: 'task.items', values: [5, 10] }],
  seeds: { first, count }
})

/** What a call refuses with. */
export async function refusal(call: () => unknown): Promise<ErrorData> {
  try {
    await call()
  } catch (error) {
    if (error instanceof StudioError) return error.data
    throw error
  }
  throw new Error('nothing was refused')
}
