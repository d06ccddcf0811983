/** A run's progress on stderr: one line that is written over at a terminal, a line now and then in a log. */
import type { Progress } from '../../../src-shared/shapes/run.ts'
import { duration } from '../../../src-shared/text/times.ts'

const logEveryMs = 10_000

/** @param out where to; `now` in milliseconds */
export function progressLine(
  out: { isTTY?: boolean; write(text: string): unknown },
  now: () => number = () => performance.now()
): { show(progress: Progress): void; end(): void } {
  let last = -Infinity
  let open = false
  return {
    show(progress) {
      if (out.isTTY) out.write(`\r\x1b[K${describe(progress)}`)
      else if (now() - last >= logEveryMs) {
        last = now()
        out.write(`${describe(progress)}\n`)
      }
      open = out.isTTY === true
    },
    end() {
      if (open) out.write('\n')
      open = false
    }
  }
}

function describe({ status, done, diverged, failed, trials, tuning, elapsedMs, leftMs, backend }: Progress): string {
  const ended = done + diverged + failed
  return [
    tuning && tuning.done < tuning.trials
      ? `${status}: tuning, ${tuning.done} of ${tuning.trials} trials`
      : `${status}: ${ended} of ${trials} trials`,
    ...(diverged ? [`${diverged} diverged`] : []),
    ...(failed ? [`${failed} failed`] : []),
    duration(elapsedMs),
    ...(leftMs !== null && ended < trials ? [`about ${duration(leftMs)} left`] : []),
    ...(backend ? [backend] : [])
  ].join(', ')
}
