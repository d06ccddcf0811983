import { describe, expect, it } from 'vitest'
import { Reading, type Read } from '../../../src-renderer/state/reading.ts'

/** A reader whose answers are given by the test, in any order. */
function held() {
  const asked: { question: string; answer: (value: string) => void; refuse: (error: unknown) => void }[] = []
  const states: Read<string>[] = []
  let question: string | undefined = 'a'
  const reading = new Reading<string>(
    () => {
      if (question === undefined) return undefined
      const { promise, resolve, reject } = Promise.withResolvers<string>()
      asked.push({ question, answer: resolve, refuse: reject })
      return promise
    },
    (next) => states.push(next)
  )
  return {
    reading,
    asked,
    now: () => states.at(-1)!,
    put: (next: string | undefined) => (question = next),
    settle: () => new Promise((done) => setTimeout(done))
  }
}

describe('what is read of the studio', () => {
  it('is loading, then there, and stays while it is read again', async () => {
    const { reading, asked, now, settle } = held()
    reading.ask()
    expect(now()).toMatchObject({ value: undefined, loading: true, fresh: false })
    asked[0].answer('one')
    await settle()
    expect(now()).toEqual({ value: 'one', error: undefined, loading: false, fresh: true })
    void reading.reload()
    expect(now()).toMatchObject({ value: 'one', loading: true, fresh: true })
    asked[1].answer('two')
    await settle()
    expect(now()).toMatchObject({ value: 'two', loading: false })
  })

  it('is the answer to the last question, whichever comes first', async () => {
    const { reading, asked, now, put, settle } = held()
    reading.ask()
    put('b')
    reading.ask()
    asked[1].answer('of b')
    asked[0].answer('of a')
    await settle()
    expect(now()).toMatchObject({ value: 'of b', fresh: true, loading: false })
    put('c')
    reading.ask()
    expect(now()).toMatchObject({ value: 'of b', fresh: false })
  })

  it('is read once more, not ten times, when it became old while it was being read', async () => {
    const { reading, asked, now, settle } = held()
    reading.ask()
    for (let i = 0; i < 10; i++) void reading.reload()
    expect(asked).toHaveLength(1)
    asked[0].answer('old')
    await settle()
    expect(asked).toHaveLength(2)
    asked[1].answer('new')
    await settle()
    expect(asked).toHaveLength(2)
    expect(now().value).toBe('new')
  })

  it('keeps what it has beside an error, and loses the error with the next answer', async () => {
    const { reading, asked, now, settle } = held()
    reading.ask()
    asked[0].answer('one')
    await settle()
    void reading.reload()
    const lost = new Error('lost')
    asked[1].refuse(lost)
    await settle()
    expect(now()).toEqual({ value: 'one', error: lost, loading: false, fresh: true })
    void reading.reload()
    asked[2].answer('two')
    await settle()
    expect(now()).toMatchObject({ value: 'two', error: undefined })
  })

  it('shows nothing of an earlier question beside the error of another', async () => {
    const { reading, asked, now, put, settle } = held()
    reading.ask()
    asked[0].answer('of a')
    await settle()
    put('b')
    reading.ask()
    expect(now().value).toBe('of a')
    asked[1].refuse(new Error('There is no b.'))
    await settle()
    expect(now()).toMatchObject({ value: undefined, fresh: false, loading: false })
  })

  it('passes over the error of a question that was left', async () => {
    const { reading, asked, now, put, settle } = held()
    reading.ask()
    put('b')
    reading.ask()
    asked[0].refuse(new Error('late'))
    asked[1].answer('of b')
    await settle()
    expect(now()).toMatchObject({ value: 'of b', error: undefined })
  })

  it('is nothing where nothing is asked', async () => {
    const { reading, asked, now, put, settle } = held()
    reading.ask()
    put(undefined)
    reading.ask()
    asked[0].answer('late')
    await settle()
    expect(now()).toEqual({ value: undefined, error: undefined, loading: false, fresh: true })
  })
})
