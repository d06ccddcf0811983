/** Bytes as text and back, for files that travel inside a message. */

export async function base64(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  let text = ''
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192))
  return btoa(text)
}

export const fromBase64 = (text: string, mime: string): Blob =>
  new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], { type: mime })
