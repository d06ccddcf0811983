/** Times as people read them. */

/** 850 ms, 1.5 s, 12 s, 3 min 20 s, 2 h 5 min. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`
}

/** How long equal parts that began at `started` will still take, from those that are done. */
export function timeLeft(started: string, done: number, total: number, now: number): string {
  if (done === 0) return 'measuring the time left'
  return `about ${duration(((now - Date.parse(started)) / done) * (total - done))} left`
}

/** A moment in the reader's own time and in the order that sorts: `2026-11-22 09:05`. */
export function localTime(iso: string): string {
  const time = new Date(iso)
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}`
}
