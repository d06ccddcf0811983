/** `engram parity FILE.py:CLASS MODEL`: does the studio's model compute what the user's own class does? */
import { resolve } from 'node:path'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import type { Parity, ParityRequest } from '../../../src-shared/shapes/parity.ts'
import type { OwnCode } from '../own-code.ts'
import { withStudio } from './session.ts'

export interface ParityOptions extends OwnCode {
  param: string[]
  seeds: number
  data: string
}

/** @throws StudioError bad-input for a place that is no FILE.py:CLASS, and what the check itself throws */
export function checkParity(
  place: string,
  model: string,
  { param, seeds, data, ...own }: ParityOptions
): Promise<Parity> {
  const [, file, name] = /^(.+\.py):([\p{L}\p{N}_]+)$/u.exec(place) ?? []
  if (!file) throw new StudioError('bad-input', `"${place}" is not FILE.py:CLASS.`, { field: 'class' })
  const params = Object.fromEntries(param.map(assignment))
  const request = { file: resolve(file), class: name, model, params, seeds }
  return withStudio(data, 'change', ({ ask }) => ask('python.parity', request), own)
}

function assignment(text: string): [string, ParityRequest['params'][string]] {
  const [, name, value] = /^(\w+)=(.+)$/.exec(text) ?? []
  if (!name) throw new StudioError('bad-input', `"${text}" is not NAME=VALUE.`, { field: '--param' })
  if (value === 'true' || value === 'false') return [name, value === 'true']
  return [name, Number.isFinite(Number(value)) ? Number(value) : value]
}

export function parityText({ passed, steps, onlyPython, onlyStudio, seeds, ...of }: Parity): string {
  const longest = Math.max(...steps.map(({ step }) => step.length))
  return [
    ...steps.map(
      ({ step, difference, within }) =>
        `${step.padEnd(longest)}  ${difference.toExponential(2)}  ${within ? 'within' : 'DIFFERS'}`
    ),
    ...(onlyPython.length ? [`only in Python: ${onlyPython.join(', ')}`] : []),
    ...(onlyStudio.length ? [`only in the studio: ${onlyStudio.join(', ')}`] : []),
    `${of.class} and ${of.model}, ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}: ${passed ? 'the same within 2e-5 + 2e-4 |value|' : 'NOT the same'}`
  ].join('\n')
}
