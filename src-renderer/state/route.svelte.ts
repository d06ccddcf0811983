/** Where the studio is: `#/page/rest...?query`. The address is the one place that says it. */
class Route {
  #hash = $state(location.hash)

  constructor() {
    window.addEventListener('hashchange', () => (this.#hash = location.hash))
  }

  #parts = $derived.by(() => {
    const [path, query = ''] = this.#hash.replace(/^#\/?/, '').split('?', 2)
    const [page = '', ...rest] = path.split('/').map(decode)
    return { page, rest, query: new URLSearchParams(query) }
  })

  /** First segment: the page's id. */
  get page(): string {
    return this.#parts.page
  }
  /** The segments after it. */
  get rest(): string[] {
    return this.#parts.rest
  }
  get query(): URLSearchParams {
    return this.#parts.query
  }

  /** All of it, as `go` takes it. */
  get address(): string {
    return this.#hash.replace(/^#/, '')
  }

  /** Where the studio begins when it was opened without an address. One that has only just been given counts. */
  begin(address: string): void {
    if (location.hash.length <= '#/'.length) this.go(address, 'replace')
  }

  /** Go to an address such as `/run/01J...` or `/compare?ids=a,b`; `replace` leaves no entry to go back to. */
  go(address: string, how: 'push' | 'replace' = 'push'): void {
    const hash = `#${address}`
    if (how === 'push') location.hash = hash
    else {
      history.replaceState(null, '', hash)
      this.#hash = hash
    }
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

export const route = new Route()
