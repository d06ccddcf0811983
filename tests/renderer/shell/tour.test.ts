import { expect, it } from 'vitest'
import { addressOf, readTour, tourSteps } from '../../../src-renderer/shell/tour.ts'

it('the tour goes on where it was left, and is over for good', () => {
  expect([undefined, 2, 'over', -1, 99, 1.5, {}].map(readTour)).toEqual([
    'offer',
    2,
    'over',
    'offer',
    'offer',
    'offer',
    'offer'
  ])
})

it('steps about a run lead to the newest, or to where one is begun', () => {
  expect(tourSteps.map((step) => addressOf(step, 'R1'))).toEqual([
    '/compose',
    '/run/R1',
    '/compare?runs=R1',
    '/history',
    '/models'
  ])
  expect(addressOf(tourSteps[1], undefined)).toBe('/compose')
})
