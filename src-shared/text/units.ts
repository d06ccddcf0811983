/** Quantities as people read them: SI for FLOPs, IEC for storage. */

const si = ['', 'k', 'M', 'G', 'T', 'P', 'E'] as const

/** 3.2 M, 12.4 G: three significant digits with an SI prefix. */
export function siNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  let step = 0
  let scaled = value
  while (Math.abs(scaled) >= 999.5 && step < si.length - 1) {
    scaled /= 1000
    step++
  }
  return `${Number(scaled.toPrecision(3))} ${si[step]}`.trimEnd()
}

export const flops = (value: number): string => {
  const text = siNumber(value)
  return /[A-Z]$|k$/.test(text) ? `${text}FLOP` : `${text} FLOP`
}

const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const
export function bytes(value: number): string {
  let step = 0
  while (value >= 1024 && step < binary.length - 1) {
    value /= 1024
    step++
  }
  return `${Number(value.toPrecision(3))} ${binary[step]}`
}
