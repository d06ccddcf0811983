/**
 * The libraries that a program of Windows names in its import table: what its loader must find before the program runs
 * (https://learn.microsoft.com/en-us/windows/win32/debug/pe-format). What is loaded only when it is called (delay-load)
 * stands elsewhere.
 */
export function importsOf(file: Buffer): string[] {
  const header = file.readUInt32LE(0x3c)
  if (file.toString('latin1', header, header + 4) !== 'PE\0\0') throw new Error('This is no program of Windows.')
  const sections = file.readUInt16LE(header + 6)
  const optional = header + 24
  if (file.readUInt16LE(optional) !== 0x20b) throw new Error('This is no program of 64 bits.')
  const table = optional + file.readUInt16LE(header + 20)
  const offsetOf = (address: number): number => {
    for (let i = 0; i < sections; i++) {
      const at = table + 40 * i
      const start = file.readUInt32LE(at + 12)
      if (address >= start && address < start + file.readUInt32LE(at + 16))
        return address - start + file.readUInt32LE(at + 20)
    }
    throw new Error('An address lies in no section.')
  }
  const importDirectory = optional + 112 + 8
  const names: string[] = []
  for (let at = offsetOf(file.readUInt32LE(importDirectory)); ; at += 20) {
    const name = file.readUInt32LE(at + 12)
    if (name === 0) return names
    const start = offsetOf(name)
    names.push(file.toString('latin1', start, file.indexOf(0, start)).toLowerCase())
  }
}
