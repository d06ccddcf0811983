import { hostname } from 'node:os'
import type { Computer } from '../../../src-shared/shapes/place.ts'
import { machine } from '../../studio/machine.ts'

/** This machine as other studios see it. */
export function thisComputer(name: string): Omit<Computer, 'adapter'> {
  const { version, commit, node, os, cpu, cores } = machine()
  return { name, host: hostname(), os, cpu, cores, node, version, commit }
}
