/**
 * The write-ahead log that a session left when it did not end well. SQLite takes it up to the first frame whose checksum
 * is wrong and drops the rest without a word, since what a crash cut off looks the same. That more was committed is seen
 * by what follows the frame, or by the index beside the log, which counts the committed frames.
 *
 * Formats: https://www.sqlite.org/fileformat2.html#walformat, https://www.sqlite.org/walformat.html
 */

import { basename } from 'node:path'
import { fileTime } from './backup.ts'
import type { StorePort } from './port.ts'

const headerBytes = 32
const frameHeaderBytes = 24

/** What is whole of a log, and what was committed to it. */
export interface LogState {
  /** Frames that SQLite takes: up to the last one that ends a transaction before the first broken one. */
  taken: number
  /** Frames that were committed. */
  committed: number
}

type Sum = readonly [number, number]

/** The log's running checksum over some words, begun at an earlier one. */
function sumOver(bytes: Buffer, from: number, to: number, begun: Sum, bigEndian: boolean): Sum {
  let [a, b] = begun
  for (let at = from; at < to; at += 8) {
    const [x, y] = bigEndian
      ? [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)]
      : [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)]
    a = (a + x + b) >>> 0
    b = (b + y + a) >>> 0
  }
  return [a, b]
}

const same = (a: Sum, b: Sum): boolean => a[0] === b[0] && a[1] === b[1]
const pair = (bytes: Buffer, at: number): Sum => [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)]

/** @param index the file beside the log, as the session left it; empty for none */
export function logState(log: Buffer, index: Buffer): LogState {
  if (log.length < headerBytes + frameHeaderBytes) return { taken: 0, committed: 0 }
  const counted = indexed(index)
  // A header that is broken hides the page size, so take what is left of it.
  const pageBytes = [log.readUInt32BE(8), counted?.pageBytes ?? 0, 4096].find(isPageSize) as number
  const frameBytes = frameHeaderBytes + pageBytes
  const frames = Math.floor((log.length - headerBytes) / frameBytes)
  const bigEndian = (log.readUInt32BE(0) & 1) === 1
  const ofHeader = pair(log, 24)
  const headerStands =
    (log.readUInt32BE(0) & ~1) >>> 0 === 0x377f0682 &&
    log.readUInt32BE(8) === pageBytes &&
    same(sumOver(log, 0, 24, [0, 0], bigEndian), ofHeader)
  // Frames of this log bear its salts; behind them may lie those of an earlier one.
  const salts = headerStands ? pair(log, 16) : pair(log, headerBytes + 8)
  let [taken, committed, whole] = [0, 0, headerStands]
  let before = ofHeader
  for (let i = 0; i < frames; i++) {
    const at = headerBytes + i * frameBytes
    const stored = pair(log, at + 16)
    const sum = sumOver(
      log,
      at + frameHeaderBytes,
      at + frameBytes,
      sumOver(log, at, at + 8, before, bigEndian),
      bigEndian
    )
    const stands = same(pair(log, at + 8), salts) && same(sum, stored)
    if (!stands) whole = false
    else if (log.readUInt32BE(at + 4) > 0) {
      committed = i + 1
      if (whole) taken = i + 1
    }
    // What follows a broken frame still follows from the checksum that was written with it.
    before = stored
  }
  if (counted && same(counted.salts, salts)) committed = Math.max(committed, counted.frames)
  return { taken, committed }
}

const isPageSize = (bytes: number): boolean => bytes >= 512 && bytes <= 65536 && (bytes & (bytes - 1)) === 0

/** How many frames the index says are committed, when it is whole: its head stands there twice, in this machine's order. */
function indexed(index: Buffer): { frames: number; pageBytes: number; salts: Sum } | undefined {
  const bytes = 48
  if (index.length < 2 * bytes || !index.subarray(0, bytes).equals(index.subarray(bytes, 2 * bytes))) return undefined
  const sum = sumOver(index, 0, 40, [0, 0], false)
  if (index[12] !== 1 || sum[0] !== index.readUInt32LE(40) || sum[1] !== index.readUInt32LE(44)) return undefined
  // The salts are copied as the log has them, byte by byte.
  return { frames: index.readUInt32LE(16), pageBytes: index.readUInt16LE(14), salts: pair(index, 32) }
}

/** A log that no session lets grow to this is none of ours. */
const mostBytes = 2 ** 30

/** What the user is told of a log of which SQLite drops what was committed; undefined when all of it stands. */
function told(log: Buffer, index: Buffer): string | undefined {
  const { taken, committed } = logState(log, index)
  if (taken >= committed) return undefined
  return `The log of the last session is damaged: ${committed - taken} of the ${committed} pages that it had stored are lost`
}

const isLarge = (port: StorePort, log: string): boolean => !port.exists(log) || port.bytes(log) > mostBytes

/** Keep a log before SQLite drops part of it. @returns what the user is told */
export function keepBrokenLog(port: StorePort, path: string, now: Date): string | undefined {
  const [log, index] = [`${path}-wal`, `${path}-shm`]
  if (!port.exists(path) || isLarge(port, log)) return undefined
  const lost = told(port.read(log), port.exists(index) ? port.read(index) : Buffer.alloc(0))
  if (lost === undefined) return undefined
  const keptAs = `${path.replace(/\.sqlite$/, '')}-damaged-${fileTime(now)}.sqlite-wal`
  port.makePrivate(keptAs)
  port.copy(log, keptAs)
  port.sync(keptAs)
  return `${lost}; it is kept as ${basename(keptAs)}. Runs that they were of can be resumed.`
}

/** The same of a file that is only looked at, which another studio may be writing: the index may be ahead of what was read. */
export function brokenLog(port: StorePort, path: string): string | undefined {
  const log = `${path}-wal`
  const lost = isLarge(port, log) ? undefined : told(port.read(log), Buffer.alloc(0))
  return lost && `${lost}. Open the studio to have it kept.`
}
