/** Real servers of queues, each on a loopback port of its own with an append-only file in a fresh folder. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { connect } from '../../src-main/places/queue/connect.ts'
import { addressOf, type Address } from '../../src-main/places/queue/address.ts'
import { aptInstall, mayInstall } from './apt.ts'

const programs = ['redis-server', 'valkey-server']
const redisProgram = (): string | undefined => programs.find((name) => spawnSync(name, ['--version']).status === 0)

/** Install Debian's redis-server where there is none and that is allowed. @returns what is skipped without it */
export function needRedis(): string | undefined {
  if (redisProgram()) return undefined
  if (mayInstall) {
    process.stdout.write('No server for a queue is here: installing redis-server with apt-get.\n')
    if (aptInstall('redis-server') && redisProgram()) return undefined
  }
  return 'There is no redis-server (Debian and Ubuntu: apt-get install redis-server): tests of the queue are skipped.'
}

export const withoutRedis = redisProgram() === undefined
/** What follows the name of tests that are skipped without a server. */
export const redisReason = withoutRedis ? ' (skipped: no redis-server here; Debian’s package is redis-server)' : ''

export interface RedisServer {
  /** Without a password. */
  url: string
  address: Address
  /** kill -9. */
  kill(): Promise<void>
  /** Start it again over what it had written. */
  start(): Promise<void>
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

/** @param folder its own; @param password asked of everybody who comes */
export async function redisServer(folder: string, password?: string): Promise<RedisServer> {
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  const address = addressOf(url, {}, password)
  let child: ChildProcess
  const server: RedisServer = {
    url,
    address,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await gone
    },
    async start() {
      const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes', '--dir', folder]
      // From stdin: a password on a command line is there for everybody.
      child = spawn(redisProgram()!, ['-', ...args], { stdio: ['pipe', 'ignore', 'ignore'] })
      child.stdin!.end(password === undefined ? '' : `requirepass ${password}\n`)
      for (let tries = 0; ; tries++)
        try {
          const redis = await connect(address)
          redis.disconnect()
          return
        } catch (error) {
          if (tries > 200) throw error
          await wait(50)
        }
    }
  }
  await server.start()
  return server
}
