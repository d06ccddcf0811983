import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { RunResult } from '../../src-main/hosts/terminal/results.ts'
import { storeFile } from '../../src-main/store/file.ts'
import { realPort } from '../../src-main/store/port.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

// Most of these start a studio with its engine, as a user would; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const folder = temporaryFolder('cli')
const data = join(folder, 'data')

interface Outcome {
  code: number | null
  out: string
  err: string
}
const cli = join(import.meta.dirname, '../../src-main/cli.ts')
function engram(
  args: readonly string[],
  during: (process: ReturnType<typeof spawn>, err: string) => void = () => {}
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', cli, ...args], {
      cwd: folder,
      detached: true
    })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString()
      during(child, err)
    })
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

const small = {
  format: 'engram-experiment/1',
  name: 'Small',
  task: { kind: 'capacity', params: { dim: 16 } },
  models: [{ kind: 'linear-associator', label: 'Linear' }],
  sweep: [{ param: 'task.items', values: [2, 4] }],
  seeds: { first: 3, count: 2 }
}
/** Seconds of computing, in batches that end soon. */
const long = {
  ...small,
  name: 'Long',
  task: { kind: 'capacity', params: { dim: 128 } },
  sweep: [{ param: 'task.items', values: [64, 128] }],
  seeds: { first: 0, count: 5000 }
}
function file(name: string, content: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

let result: RunResult
let stderr: string
beforeAll(async () => {
  const outcome = await engram(['run', file('small.json', small), '--data', data, '--json'])
  expect(outcome).toMatchObject({ code: 0 })
  result = JSON.parse(outcome.out) as RunResult
  stderr = outcome.err
})

describe('engram fixture', () => {
  it('writes a file that verify passes, and refuses parameters that are none', async () => {
    const out = join(folder, 'fixtures/hopfield.json')
    mkdirSync(join(folder, 'fixtures'))
    const asked = ['fixture', 'hopfield', '--params', '{"dim": 6}', '--seed', '4', '--out', out]
    expect(await engram(asked)).toMatchObject({ code: 0, out: '', err: `wrote ${out}: 7 steps of hopfield\n` })
    expect(await engram(['verify', join(folder, 'fixtures'), '--backend', 'wasm'])).toMatchObject({ code: 0 })
    const refused = await engram(['fixture', 'hopfield', '--params', '[6', '--out', out])
    expect(refused).toMatchObject({ code: 2, out: '' })
    expect(refused.err).toMatch(/^bad-input: .*\(--params\)/)
    expect((await engram(['fixture', 'oracle', '--out', out])).err).toMatch(/^not-found: There is no model "oracle"/)
  })
})

describe('engram run', () => {
  it('prints the result alone on stdout, its progress on stderr', () => {
    expect(Object.keys(result)).toEqual(['run', 'experiment', 'trials', 'summary', 'derived', 'predictions'])
    expect(result.experiment).toMatchObject({ name: 'Small', seeds: { first: 3, count: 2 } })
    expect(stderr).toContain(result.run)
  })

  it('lists every trial of the grid with numbers', () => {
    expect(result.trials.map(({ model, point, seed, status }) => [model, point.items, seed, status])).toEqual([
      ['Linear', 2, 3, 'done'],
      ['Linear', 2, 4, 'done'],
      ['Linear', 4, 3, 'done'],
      ['Linear', 4, 4, 'done']
    ])
    for (const { metrics } of result.trials)
      for (const value of Object.values(metrics)) expect(Number.isFinite(value)).toBe(true)
  })

  it('summarises them: for two values t(1, .975) = 12.7062, so the half width is 12.7062 |a - b| / 2', () => {
    for (const { point, metric, mean, low, high, n, method } of result.summary) {
      const [a, b] = result.trials.filter((trial) => trial.point.items === point.items).map((t) => t.metrics[metric])
      expect(n).toBe(2)
      expect(mean).toBeCloseTo((a + b) / 2, 10)
      const half = (12.7062047362 * Math.abs(a - b)) / 2
      // A share has Wilson's interval, a positive metric one on the log scale; all others t, or where t leaves what is
      // possible the score interval within that.
      if (/log scale/.test(method!)) {
        expect(high! / mean).toBeCloseTo(mean === 0 ? NaN : Math.exp(half / mean), 6)
        expect(mean / low!).toBeCloseTo(high! / mean, 6)
      } else if (/^95 % Student t/.test(method!)) {
        expect(high!).toBeCloseTo(mean + half, 6)
        expect(low!).toBeCloseTo(mean - half, 6)
      } else if (/score with Student t/.test(method!)) {
        const [least, most] = /within (\S+) to ([^\s,]+)/.exec(method!)!.slice(1).map(Number)
        expect(mean - half < least || mean + half > most).toBe(true)
        // The p for which (x - p)² = t² p (1 - p) / N, N from the variance between seeds: a quadratic's two roots.
        const [x, sd] = [(mean - least) / (most - least), Math.abs(a - b) / Math.SQRT2 / (most - least)]
        const c = (12.7062047362 ** 2 * sd ** 2) / (2 * x * (1 - x))
        const root = Math.sqrt((2 * x + c) ** 2 - 4 * (1 + c) * x ** 2)
        const [from, to] = [-root, root].map((by) => least + ((most - least) * (2 * x + c + by)) / (2 * (1 + c)))
        expect([low, high]).toEqual([expect.closeTo(from, 6), expect.closeTo(to, 6)])
      } else expect([low! >= 0, low! <= mean, mean <= high!, high! <= 1]).toEqual([true, true, true, true])
    }
    expect(result.summary.length).toBeGreaterThanOrEqual(2)
  })

  it('with --seed gives just that seed the same numbers, whatever ran beside it; without --json it prints a table', async () => {
    const alone = await engram(['run', 'small.json', '--data', join(folder, 'alone'), '--seed', '4', '--json'])
    const trials = (JSON.parse(alone.out) as RunResult).trials
    expect(trials).toEqual(result.trials.filter(({ seed }) => seed === 4))
    const table = await engram([
      'run',
      'small.json',
      '--data',
      join(folder, 'alone'),
      '--seeds',
      '1',
      '--backend',
      'cpu'
    ])
    expect(table.code).toBe(0)
    expect(table.out).toMatch(/^model +items +accuracy/)
    expect(table.out).toMatch(/^Linear +2 +\S+ /m)
  })

  const refused: [string, string, string[], number, RegExp][] = [
    ['a file that is not there', '', ['none.json'], 2, /^not-found: .*none\.json/],
    ['bad JSON', '{"format":', ['bad.json'], 2, /^bad-file: .*JSON.*bad\.json/],
    [
      'a missing format',
      JSON.stringify({ ...small, format: undefined }),
      ['bad.json'],
      2,
      /^bad-input: .*bad\.json, format/
    ],
    ['an unknown key', JSON.stringify({ ...small, extra: 1 }), ['bad.json'], 2, /^bad-input: .*extra.*bad\.json/],
    [
      'a hostile key',
      JSON.stringify(small).replace('"dim":16', '"__proto__":{"dim":16}'),
      ['bad.json'],
      2,
      /^bad-input: .*__proto__.*bad\.json, task\.params\.__proto__/
    ],
    ['both --seed and --seeds', JSON.stringify(small), ['bad.json', '--seed', '1', '--seeds', '2'], 2, /^bad-input: /],
    ['a seed that is no number', JSON.stringify(small), ['bad.json', '--seed', 'x'], 2, /whole number/],
    ['a backend there is not', JSON.stringify(small), ['bad.json', '--backend', 'abacus'], 2, /abacus/],
    [
      'an unknown model',
      JSON.stringify({ ...small, models: [{ kind: 'oracle' }] }),
      ['bad.json'],
      2,
      /^bad-input: There is no model "oracle".*bad\.json, models\.0\.kind/
    ],
    [
      'a parameter out of bounds',
      JSON.stringify({ ...small, task: { kind: 'capacity', params: { dim: -1 } } }),
      ['bad.json'],
      2,
      /^bad-input: .*at least.*bad\.json, task\.params\.dim/
    ],
    [
      '10⁹ trials',
      JSON.stringify({
        ...small,
        sweep: [
          { param: 'task.items', from: 1, to: 1000, steps: 1000, integer: true },
          { param: 'task.share', from: 0, to: 1, steps: 1000 }
        ],
        seeds: { count: 1000 }
      }),
      ['bad.json'],
      2,
      /^bad-input: .*1,000,000,000 trials.*bad\.json, sweep/
    ]
  ]
  it.each(refused)('refuses %s in one line', async (_what, content, args, code, line) => {
    if (content) file('bad.json', content)
    const outcome = await engram(['run', ...args, '--data', join(folder, 'refused')])
    expect(outcome).toMatchObject({ code, out: '' })
    expect(outcome.err).toMatch(line)
    expect(outcome.err.trimEnd().split('\n')).toHaveLength(1)
  })

  it('lets no label steer the terminal', async () => {
    file('label.json', { ...small, models: [{ kind: 'linear-associator', label: 'a\x1b]0;owned\x07\x1b[2Jb' }] })
    const outcome = await engram(['run', 'label.json', '--data', join(folder, 'alone'), '--seed', '1'])
    expect(outcome.code).toBe(0)
    expect(outcome.out + outcome.err).not.toContain('\x1b')
    expect(outcome.out).toMatch(/^ab /m)
  })

  it.skipIf(process.platform === 'win32')('ends cleanly on Ctrl-C, and keeps the trials that ended', async () => {
    let sent = false
    const outcome = await engram(['run', file('long.json', long), '--data', join(folder, 'cancel')], (child, err) => {
      if (!sent && err.includes('running')) setTimeout(() => process.kill(-child.pid!, 'SIGINT'), 200)
      sent ||= err.includes('running')
    })
    expect(outcome).toMatchObject({ code: 1, out: '' })
    expect(outcome.err).toMatch(/^cancelled: /m)
    const list = await engram(['list', '--data', join(folder, 'cancel'), '--json'])
    expect(JSON.parse(list.out)).toMatchObject([{ status: 'cancelled', name: 'Long' }])
  })
})

describe('engram list', () => {
  it('shows the run', async () => {
    const { code, out } = await engram(['list', '--data', data])
    expect(code).toBe(0)
    expect(out).toContain(result.run)
    expect(out).toMatch(/done +4\/4/)
  })
})

describe('engram export', () => {
  it('writes long and wide CSV, and says both names', async () => {
    const path = join(folder, 'out.csv')
    const { code, out, err } = await engram(['export', result.run, '--format', 'csv', '--out', path, '--data', data])
    expect({ code, out }).toEqual({ code: 0, out: '' })
    expect(err).toContain('out.csv')
    expect(err).toContain('out.trials.csv')
    const rows = (name: string): number => readFileSync(join(folder, name), 'utf8').trim().split(/\r?\n/).length - 1
    expect(rows('out.trials.csv')).toBe(4)
    expect(rows('out.csv')).toBeGreaterThan(4)
    // One row for each metric and model.
    expect(readFileSync(join(folder, 'out.table.csv'), 'utf8')).toMatch(/^accuracy,.*,Linear,/m)
  })

  it.each([
    ['latex', 'out.tex', /\\toprule[^]*Linear & \$[^]*\\bottomrule/],
    ['manifest', 'out.manifest.json', /"format": "engram-manifest\/1"[^]*"identities"/]
  ])('writes %s', async (format, name, content) => {
    const path = join(folder, name)
    expect((await engram(['export', result.run, '--format', format, '--out', path, '--data', data])).code).toBe(0)
    expect(readFileSync(path, 'utf8')).toMatch(content)
  })

  it('writes a report without network', async () => {
    const path = join(folder, 'out.html')
    expect((await engram(['export', result.run, '--format', 'html', '--out', path, '--data', data])).code).toBe(0)
    const html = readFileSync(path, 'utf8')
    expect(html).toContain('Content-Security-Policy')
    expect(html).not.toMatch(/(src|href)="(https?:)?\/\//)
  })

  it.each([
    ['a run there is not', ['nothing', '--format', 'csv', '--out', 'x.csv'], 2],
    ['a format there is not', ['nothing', '--format', 'pdf', '--out', 'x.pdf'], 2],
    ['no --out', ['nothing', '--format', 'csv'], 2]
  ])('refuses %s', async (_what, args, code) => {
    const outcome = await engram(['export', ...args, '--data', data])
    expect(outcome).toMatchObject({ code, out: '' })
    expect(outcome.err).not.toBe('')
    expect(readdirSync(folder).filter((name) => name.startsWith('x.'))).toEqual([])
  })

  it('says it when the place cannot be written', async () => {
    const outcome = await engram(['export', result.run, '--format', 'json', '--out', 'no/where.json', '--data', data])
    expect(outcome).toMatchObject({ code: 2, out: '' })
    expect(outcome.err).toMatch(/^not-found: .*where\.json/)
  })
})

describe('engram import and engram rerun', () => {
  it('take runs from one data folder into another, where they give the same numbers again', async () => {
    const [file, other] = [join(folder, 'moved.json'), join(folder, 'other')]
    expect((await engram(['export', result.run, '--format', 'json', '--out', file, '--data', data])).code).toBe(0)
    const first = await engram(['import', file, '--data', other])
    expect(first).toMatchObject({ code: 0, out: `${result.run} Small: 4 trials\n` })
    expect((await engram(['import', file, '--data', other])).out).toContain('4 trials were here with the same numbers')
    const check = await engram(['rerun', result.run, '--sample', '3', '--data', other])
    expect(check.code).toBe(0)
    expect(check.out).toMatch(/^\w+: 3 identical, bit by bit$/m)
  })

  it('refuse what contradicts the numbers that are here, and say where', async () => {
    const file = join(folder, 'forged.json')
    await engram(['export', result.run, '--format', 'json', '--out', file, '--data', data])
    const given = JSON.parse(readFileSync(file, 'utf8')) as { runs: { results: { metrics: { accuracy: number } }[] }[] }
    given.runs[0].results[0].metrics.accuracy -= 0.5
    writeFileSync(file, JSON.stringify(given))
    const outcome = await engram(['import', file, '--data', data])
    expect(outcome).toMatchObject({ code: 2, out: '' })
    expect(outcome.err).toMatch(/^conflict: Nothing was taken in: 1 contradiction .*accuracy.*forged\.json/)
  })
})

describe('engram catalog', () => {
  it('prints what is known of models and tasks', async () => {
    const { models, tasks } = JSON.parse((await engram(['catalog', '--json'])).out) as {
      models: { id: string }[]
      tasks: { id: string }[]
    }
    expect(models.map(({ id }) => id)).toContain('linear-associator')
    expect(tasks.map(({ id }) => id)).toContain('capacity')
    expect((await engram(['catalog'])).out).toMatch(/^linear-associator +Linear associator/m)
  })
})

describe('engram doctor', () => {
  it('names every backend and checks the database', async () => {
    const { code, out } = await engram(['doctor', '--data', data])
    expect(code).toBe(0)
    for (const name of ['tensorflow', 'webgpu', 'wasm', 'cpu', 'node'])
      expect(out).toMatch(new RegExp(`^${name} +\\S`, 'm'))
    expect(out).toMatch(/^database +ok$/m)
  })

  it('says what was damaged and where it is kept', async () => {
    const broken = join(folder, 'broken')
    const damaged = 'not a database, but long enough to be looked at'.repeat(100)
    mkdirSync(broken)
    writeFileSync(join(broken, 'engram.sqlite'), damaged)
    const { code, out } = await engram(['doctor', '--data', broken])
    expect(code).toBe(1)
    const kept = /^notice .*kept as (\S+\.sqlite)/m.exec(out)?.[1]
    expect(readFileSync(join(broken, kept!), 'utf8')).toBe(damaged)
  })
})

describe.each([
  ['a file', () => file('a-file', 'x'), 2],
  ['a folder below a file', () => join(file('a-file', 'x'), 'below'), 2],
  ['a name that is too long', () => join(folder, 'x'.repeat(300)), 2],
  ['a path that is too long', () => join(folder, ...Array<string>(6).fill('x'.repeat(100))), 2],
  ...(existsSync('/proc/self') ? [['a place that takes no folders', () => '/proc/engram', 1] as const] : [])
] as const)('a data folder that is %s', (_what, path, expected) => {
  it('is refused in one sentence by doctor and by a run', async () => {
    const doctor = await engram(['doctor', '--data', path()])
    expect(doctor.code).toBe(expected)
    expect(doctor.out).toMatch(expected === 2 ? /^problem +bad-input: .*--data/m : /^problem +read-only: .*--data/m)
    const run = await engram(['run', 'small.json', '--data', path()])
    expect(run).toMatchObject({ code: expected, out: '' })
    expect(run.err.trim().split('\n')).toHaveLength(1)
  })
})

describe('a run that is ended from outside', () => {
  const statusOf = async (from: string): Promise<{ id: string; status: string; done: number }> => {
    const { out } = await engram(['list', '--data', from, '--json'])
    return (JSON.parse(out) as { id: string; status: string; done: number }[])[0]
  }

  it.each(['SIGTERM', 'SIGHUP'] as const)('by %s is interrupted, says how to go on, and resumes', async (signal) => {
    const here = join(folder, signal)
    const few = { ...long, seeds: { first: 0, count: 200 } }
    let sent = false
    const { code, err } = await engram(['run', file(`${signal}.json`, few), '--data', here], (child, said) => {
      if (sent || !said.includes('running')) return
      sent = true
      child.kill(signal)
    })
    // A fast machine may be done before it hears: then there is nothing to resume.
    const { id, status } = await statusOf(here)
    if (status === 'done') return
    expect(status).toBe('interrupted')
    expect(code).toBe(1)
    expect(err).toContain(`engram resume ${id}`)
    const resumed = await engram(['resume', id, '--data', here, '--json'])
    expect(resumed).toMatchObject({ code: 0 })
    expect((JSON.parse(resumed.out) as RunResult).run).toBe(id)
    expect(await statusOf(here)).toMatchObject({ id, status: 'done' })
    expect(await engram(['resume', id, '--data', here])).toMatchObject({ code: 2, out: '' })
  })

  it('goes on when nobody reads its progress any more', async () => {
    const here = join(folder, 'epipe')
    const { code, out } = await engram(['run', file('epipe.json', small), '--data', here], (child) =>
      child.stderr?.destroy()
    )
    expect(code).toBe(0)
    expect(out).toContain('Linear')
    expect((await statusOf(here)).status).toBe('done')
  })
})

describe('engram check', () => {
  it('finds a number that was changed behind the studio, restores it from the backup, and tells of both', async () => {
    const here = join(folder, 'checked')
    expect(await engram(['run', 'small.json', '--data', here])).toMatchObject({ code: 0 })
    expect(await engram(['check', '--data', here])).toMatchObject({ code: 0, out: 'database: ok\n' })
    const database = realPort.connect(storeFile(here), { readonly: false, mustExist: true })
    database.exec('UPDATE metrics SET value = value / 2 WHERE trial = 1')
    database.close()
    const found = await engram(['check', '--data', here])
    expect(found.code).toBe(1)
    expect(found.out).toMatch(/^damaged: a trial of run \w+ \(trials 1, cell \d, seed \d\)$/m)
    const mended = await engram(['check', '--mend', '--data', here])
    expect(mended.out).toMatch(/^1 restored from backups$/m)
    expect(mended).toMatchObject({ code: 0 })
    expect(await engram(['check', '--data', here, '--json'])).toMatchObject({ code: 0 })
  })

  it('says that a missing data file was restored, whichever command opens it', async () => {
    const here = join(folder, 'missing')
    expect(await engram(['run', 'small.json', '--data', here])).toMatchObject({ code: 0 })
    rmSync(storeFile(here))
    const { code, err } = await engram(['check', '--data', here])
    expect(code).toBe(0)
    expect(err).toMatch(/The data file was missing. The backup of .* was restored/)
  })
})

describe('engram serve', () => {
  it.each(['0.0.0.0', '192.168.0.1', '::'])('refuses to listen on %s and says why', async (host) => {
    const outcome = await engram(['serve', '--host', host, '--data', join(folder, 'served')])
    expect(outcome).toMatchObject({ code: 2, out: '' })
    expect(outcome.err).toMatch(/TLS.*ssh -L/s)
    expect(existsSync(join(folder, 'served'))).toBe(false)
  })
})

describe('engram', () => {
  it.each([[['unknown']], [['run']], [['run', 'small.json', '--nonsense']]])('refuses %j with code 2', async (args) => {
    expect(await engram(args)).toMatchObject({ code: 2, out: '' })
  })

  it.each([
    [['fit', 'data.csv', '--free', 'B_enc'], '(free)'],
    [['compare', 'table.csv', '--of', 'accuracy'], '(of)']
  ])('says what is wrong with an option’s value: %j', async (args, field) => {
    const outcome = await engram(args)
    expect(outcome).toMatchObject({ code: 2, out: '' })
    expect(outcome.err).toMatch(/^bad-input: [^\n]*\n$/)
    expect(outcome.err).toContain(field)
  })
})
