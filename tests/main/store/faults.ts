/** Ports whose nth operation fails: file system calls and SQL statements are counted alike. */
import type { Statement } from 'better-sqlite3'
import { realFiles, type FilePort } from '../../../src-main/store/files.ts'
import { realPort, type Database, type StorePort } from '../../../src-main/store/port.ts'

/** As a full disk reports it to whoever writes a file. */
export class Fault extends Error {}

export interface FaultyPort extends StorePort {
  /** How many operations were asked for. */
  count(): number
}

export function faultyPort(failAt: number): FaultyPort {
  let count = 0
  let preparing = false
  const step = (what: string): void => {
    preparing = what.startsWith('prepare')
    count++
    if (count === failAt) throw new Fault(`operation ${count}: ${what}`)
  }
  const statement = (real: Statement, sql: string): Statement =>
    watched(real, (name) => {
      if (name === 'run' || name === 'get' || name === 'all' || name === 'iterate') step(`${name} ${sql}`)
    })
  const database = (real: Database): Database =>
    watched(
      real,
      (name, [sql]) => {
        // Nothing is different on the disk after a statement was prepared: of many in a row one fails for all.
        if (name === 'prepare' && preparing) return
        // Closing is what cleans up after a failure; a failed close leaves the file to the system.
        if (name === 'exec' || name === 'pragma' || name === 'prepare') step(`${name} ${String(sql)}`)
      },
      (made, name, [sql]) => (name === 'prepare' ? statement(made as Statement, String(sql)) : made)
    )
  const port = counted(realPort, step)
  return {
    ...port,
    connect: (path, options) => database(port.connect(path, options)),
    count: () => count
  }
}

/** An object whose calls are told before they are made; what gives back the object itself gives back this one. */
function watched<T extends object>(
  real: T,
  tell: (name: string, args: unknown[]) => void,
  through: (made: unknown, name: string, args: unknown[]) => unknown = (made) => made
): T {
  const shown: T = new Proxy(real, {
    get(target, name) {
      const value = Reflect.get(target, name, target) as unknown
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        tell(String(name), args)
        const made = (value as (...args: unknown[]) => unknown).apply(target, args)
        return made === target ? shown : through(made, String(name), args)
      }
    }
  })
  return shown
}

/** Every call of a port, told before it is made. */
function counted<T extends object>(port: T, step: (what: string) => void): T {
  return Object.fromEntries(
    Object.entries(port).map(([name, call]) => [
      name,
      (...args: never[]) => {
        step(name)
        return (call as (...args: never[]) => unknown)(...args)
      }
    ])
  ) as unknown as T
}

/** What files are written through, full at the nth operation. */
export function faultyFiles(failAt: number): FilePort & { count(): number } {
  let count = 0
  const port = counted(realFiles, (what) => {
    count++
    if (count === failAt) throw Object.assign(new Error(`operation ${count}: ${what}`), { code: 'ENOSPC' })
  })
  return { ...port, count: () => count }
}
