import * as tf from '@tensorflow/tfjs'
import type { Tensor, Tensor3D } from '@tensorflow/tfjs'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { integer } from '../../src-shared/shapes/params.ts'
import type { Memory } from '../models/model.ts'
import { asShare, judge, scoreInfos } from './parts/judge.ts'
import { dimParam } from './parts/sources.ts'
import { byTrial, meanByTrial, rows, withTensors } from './parts/tensors.ts'
import { mean } from './parts/training.ts'
import { defineTask } from './task.ts'

/**
 * Turns with fixed weights: what a block recalls of earlier turns as it is, without training.
 *
 *   turn t:   [k_1; v_1] ... [k_f; v_f] | [k; 0] ...      states are told, then cues of this turn or of earlier ones
 *   answer:   the value half of what the block says at a cue, nearest (by cosine) among all values
 *
 * A state is one token: a key in its first half, a value in its second, both i.i.d. normal. A cue is a state whose value
 * is blanked, so that whatever stands there in the answer was copied out of memory: a residual brings nothing. Every turn
 * is one call; in turn t one state of each of the turns t, t - 1, ..., t - D is asked for. With one turn it is a copy task.
 * Source: the memory blocks of the studio's first source document, which are written by steps that training cannot see
 * through; the protocol is that of the task of turns.
 */
export default defineTask({
  id: 'fixed-turns',
  title: 'Turns with fixed weights',
  family: 'Sequences',
  summary: 'Without training, does a block give back the missing half of a state that it read turns ago?',
  protocol: [
    'A conversation has turns; each turn is one call of the block, and what the block holds persists between the calls.',
    'A turn tells states: tokens whose first half is a key and whose second half is a value.',
    'Then it asks: a key with its value blanked, of a state of this turn and of each of the turns before, up to the longest delay.',
    'Judge the value half of each answer against all values of the conversation; nothing is trained.'
  ],
  diagram: [
    {
      repeat: 'each turn',
      phases: [
        { kind: 'study', title: 'States', lines: ['[k₁; v₁] [k₂; v₂] …'] },
        { kind: 'cue', title: 'Cues', lines: ['[k; 0] of this turn', '… and of turns before'] }
      ]
    },
    { kind: 'judge', title: 'Judge', lines: ['second half = v ?', 'by delay in turns'] }
  ],
  source: 'The studio’s source documents (2025)',
  params: {
    turns: integer('Turns', 6, {
      help: 'Turns of a conversation; one makes it a copy task.',
      min: 1,
      max: 256,
      symbol: 'n'
    }),
    facts: integer('States', 24, {
      help: 'States of a conversation, spread evenly over its turns.',
      min: 1,
      max: 10_000,
      symbol: 'N',
      scale: 'log'
    }),
    delay: integer('Longest delay', 3, {
      help: 'Turns between a state and its cue at most.',
      min: 0,
      max: 255,
      symbol: 'D',
      unit: 'turns'
    }),
    dim: { ...dimParam, help: 'Length of a token, half key and half value; the models take it over.' }
  },
  defaultSweep: { facts: [12, 24, 48, 96] },
  metrics: [
    {
      ...scoreInfos.accuracy({ oneOver: 'facts' }),
      help: 'Share of cues whose answer’s value half lies nearest (by cosine) to their own value.'
    },
    {
      name: 'longest',
      label: 'Accuracy at the longest delay',
      ...asShare,
      tex: 'P(\\hat v = v \\mid d = D)',
      help: 'The same of cues of states that were told as many turns before as the longest delay.',
      chance: { oneOver: 'facts' }
    },
    {
      name: 'withinTurn',
      label: 'Accuracy within the turn',
      ...asShare,
      tex: 'P(\\hat v = v \\mid d = 0)',
      help: 'The same of cues of states that were told in the same turn.',
      chance: { oneOver: 'facts' }
    },
    scoreInfos.cosine
  ],
  mainMetric: 'accuracy',
  series: [
    {
      name: 'byDelay',
      label: 'Accuracy by delay',
      x: { label: 'Turns since the state', unit: 'turns' },
      ...asShare,
      help: 'Accuracy by the turns between a state and its cue; 0 within the turn.'
    }
  ],
  opensWith: 'byDelay',
  needs: { interface: 'sequence' },
  revision: 1,
  workload(p) {
    const { told, asked } = planOf(p)
    return { stored: 0, before: 0, queries: 0, tokens: told.flat().length + asked.flat().length }
  },
  run: (p, context) =>
    withTensors(async (own) => {
      const { batch, random } = context
      const { dim, facts, turns, delay } = p
      const refuse = (name: string, message: string): never => {
        throw new StudioError('bad-input', message, { field: `task.params.${name}` })
      }
      if (dim % 2) refuse('dim', 'A token is half key and half value: choose an even dimension.')
      if (delay >= turns) refuse('delay', `A delay of ${delay} turns needs ${delay + 1} turns at least.`)
      if (facts < turns) refuse('facts', `Every turn tells a state: ${turns} turns need ${turns} states at least.`)
      const half = dim / 2
      const keys = own(rows(random.normal('keys', facts * half), batch, half))
      const values = own(rows(random.normal('values', facts * half), batch, half))
      const plan = planOf(p)
      const cues = cuesOf(plan, random.uniform('cues', plan.asked.flat().length), batch)
      const memory = context.memory()
      const answers: Tensor[] = []
      for (const [turn, told] of plan.told.entries()) {
        context.checkCancelled()
        const states = cues.filter((cue) => cue.turn === turn).map((cue) => cue.states)
        answers.push(own(oneTurn(memory, keys, values, told, states)))
      }
      const truth = own(
        chosen(
          values,
          cues.map(({ states }) => states)
        )
      )
      const judged = await judge(own(tf.concat(answers, 1)), truth, values)
      const count = cues.length
      const right = Array.from(judged.nearest, (nearest, i) => {
        if (Number.isNaN(judged.cosine[i])) return NaN
        return nearest === cues[i % count].states[Math.floor(i / count)] ? 1 : 0
      })
      const delays = Array.from({ length: delay + 1 }, (_, d) => d)
      const byDelay = byTrial(right, batch).map((own) =>
        delays.map((d) => mean(own.filter((_, i) => cues[i].delay === d)))
      )
      return {
        metrics: {
          accuracy: meanByTrial(right, batch),
          longest: byDelay.map((own) => own[delay]),
          withinTurn: byDelay.map((own) => own[0]),
          cosine: meanByTrial(judged.cosine, batch)
        },
        series: { byDelay: { x: delays, y: byDelay } }
      }
    })
})

/** For each turn the states that it tells, and the delays at which it asks. */
function planOf({ turns, facts, delay }: Record<'turns' | 'facts' | 'delay', number>): {
  told: number[][]
  asked: number[][]
} {
  const firstOf = (turn: number): number => Math.floor((turn * facts) / turns)
  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)
  return {
    told: range(0, turns).map((turn) => range(firstOf(turn), firstOf(turn + 1))),
    asked: range(0, turns).map((turn) => range(0, Math.min(turn, delay) + 1))
  }
}

interface Cue {
  turn: number
  delay: number
  /** The state that is asked for in each trial. */
  states: number[]
}

/** All cues in their order. @param draws one number a cue and trial, [B, cues] flat */
function cuesOf({ told, asked }: ReturnType<typeof planOf>, draws: Float32Array, batch: number): Cue[] {
  const all = asked.flatMap((delays, turn) => delays.map((delay) => ({ turn, delay })))
  return all.map(({ turn, delay }, i) => {
    const from = told[turn - delay]
    const states = Array.from({ length: batch }, (_, b) => {
      const u = draws[b * all.length + i]
      return from[Math.min(from.length - 1, Math.floor(u * from.length))]
    })
    return { turn, delay, states }
  })
}

/** Rows of x [B, N, h], each trial its own: [B, n, h]. */
function chosen(x: Tensor, states: readonly (readonly number[])[]): Tensor3D {
  const [batch, items, size] = x.shape as [number, number, number]
  const places = Array.from({ length: batch }, (_, b) => states.map((own) => b * items + own[b])).flat()
  return tf.tidy(() =>
    tf.gather(x.reshape([batch * items, size]), tf.tensor1d(places, 'int32')).reshape([batch, states.length, size])
  )
}

/** One call of the block: a turn's states, then its cues. The value halves of the answers to the cues [B, cues, d/2]. */
function oneTurn(memory: Memory, keys: Tensor3D, values: Tensor3D, told: readonly number[], cues: number[][]): Tensor {
  const inputs = tf.tidy(() => {
    const states = tf.concat([keys, values], 2).slice([0, told[0], 0], [-1, told.length, -1])
    const asked = chosen(keys, cues)
    return tf.concat([states, tf.concat([asked, tf.zerosLike(asked)], 2)], 1)
  })
  const said = memory.forward!(inputs, { turns: [inputs.shape[1] - 1] })
  const half = keys.shape[2]
  const answers = tf.tidy(() => said.slice([0, told.length, half], [-1, cues.length, half]))
  tf.dispose([inputs, said])
  return answers
}
