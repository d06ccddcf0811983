import { describe, expect, it } from 'vitest'
import { UndoHistory } from '../../../src-renderer/state/undo-history.ts'

describe('the history of an experiment', () => {
  it('goes back and forth through single steps', () => {
    const history = new UndoHistory('a')
    history.commit('b', undefined, 0)
    history.commit('c', undefined, 0)
    history.undo()
    expect([history.present, history.canUndo, history.canRedo]).toEqual(['b', true, true])
    history.undo()
    expect([history.present, history.canUndo]).toEqual(['a', false])
    history.redo()
    history.redo()
    expect([history.present, history.canRedo]).toEqual(['c', false])
  })

  it('takes quick typing in one field as one step', () => {
    const history = new UndoHistory('')
    history.commit('c', 'name', 0)
    history.commit('ca', 'name', 300)
    history.commit('cap', 'name', 1200)
    history.undo()
    expect(history.present).toBe('')
  })

  it('keeps steps apart that are slow, in another field, or without a field', () => {
    const history = new UndoHistory(0)
    history.commit(1, 'name', 0)
    history.commit(2, 'name', 1000)
    history.commit(3, 'seeds', 1001)
    history.commit(4, undefined, 1002)
    history.commit(5, undefined, 1003)
    const seen = []
    while (history.canUndo) {
      history.undo()
      seen.push(history.present)
    }
    expect(seen).toEqual([4, 3, 2, 1, 0])
  })

  it('does not join typing after an undo with typing before it', () => {
    const history = new UndoHistory('')
    history.commit('a', 'name', 0)
    history.undo()
    history.commit('b', 'name', 100)
    expect(history.canRedo).toBe(false)
    history.undo()
    expect(history.present).toBe('')
  })

  it('does nothing at either end and forgets the oldest of more than 200 steps', () => {
    const history = new UndoHistory(0)
    history.undo()
    history.redo()
    expect(history.present).toBe(0)
    for (let i = 1; i <= 300; i++) history.commit(i, undefined, 0)
    while (history.canUndo) history.undo()
    expect(history.present).toBe(100)
  })
})
