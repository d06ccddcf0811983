/** While the studio computes, the machine does not go to sleep by itself; its screen may. */
import { powerSaveBlocker } from 'electron'

let blocker: number | undefined

export function keepAwake(busy: boolean): void {
  if (busy && blocker === undefined) blocker = powerSaveBlocker.start('prevent-app-suspension')
  if (busy || blocker === undefined) return
  powerSaveBlocker.stop(blocker)
  blocker = undefined
}
