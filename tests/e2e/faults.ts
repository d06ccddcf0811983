/**
 * What is wrong with a page as it is drawn: text that is cut or lies over other text, words that are broken, boxes that
 * overflow; measured in the DOM and on the charts' own boxes.
 */
import type { Locator, Page } from '@playwright/test'

/** Remembers where a chart writes, until it is drawn anew: the boxes of its ticks, titles and labels. */
export function noteTexts(): void {
  const all = new Map<HTMLCanvasElement, { text: string; box: DOMRect }[]>()
  Object.assign(globalThis, { drawnTexts: all })
  const draw = CanvasRenderingContext2D.prototype
  const { clearRect, fillText } = draw
  draw.clearRect = function (x, y, width, height) {
    if (width >= this.canvas.width / devicePixelRatio - 1) all.set(this.canvas, [])
    clearRect.call(this, x, y, width, height)
  }
  draw.fillText = function (text, x, y, most) {
    const size = this.measureText(text)
    const matrix = this.getTransform()
    const corners = [
      [x - size.actualBoundingBoxLeft, y - size.actualBoundingBoxAscent],
      [x + size.actualBoundingBoxRight, y - size.actualBoundingBoxAscent],
      [x - size.actualBoundingBoxLeft, y + size.actualBoundingBoxDescent],
      [x + size.actualBoundingBoxRight, y + size.actualBoundingBoxDescent]
    ].map(([px, py]) => matrix.transformPoint({ x: px, y: py }))
    const [xs, ys] = [corners.map((c) => c.x), corners.map((c) => c.y)]
    const [left, top] = [Math.min(...xs), Math.min(...ys)]
    const box = new DOMRect(left, top, Math.max(...xs) - left, Math.max(...ys) - top)
    if (text.trim()) all.get(this.canvas)?.push({ text, box })
    fillText.call(this, text, x, y, most)
  }
}

/** All that stands on a chart. */
export const writtenOn = (canvas: Locator): Promise<string[]> =>
  canvas.evaluate((element) =>
    ((globalThis as unknown as { drawnTexts: Map<Element, { text: string }[]> }).drawnTexts.get(element) ?? []).map(
      ({ text }) => text
    )
  )

/** All that stands on the charts of the page. */
export const written = async (page: Page): Promise<string[]> =>
  (await Promise.all((await page.locator('canvas').all()).map(writtenOn))).flat()

/** What is wrong with the page as it is drawn, in words. */
export const faults = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const out: string[] = []
    const { drawnTexts } = globalThis as unknown as {
      drawnTexts: Map<HTMLCanvasElement, { text: string; box: DOMRect }[]>
    }
    for (const [canvas, texts] of drawnTexts) {
      if (!canvas.isConnected) {
        drawnTexts.delete(canvas)
        continue
      }
      for (const [i, a] of texts.entries()) {
        const { left, right, top, bottom } = a.box
        if (left < -1 || top < -1 || right > canvas.width + 1 || bottom > canvas.height + 1)
          out.push(`cut on a chart: ${a.text}`)
        for (const b of texts.slice(i + 1)) {
          const across = Math.min(right, b.box.right) - Math.max(left, b.box.left)
          const down = Math.min(bottom, b.box.bottom) - Math.max(top, b.box.top)
          if (across > 1 && down > 1) out.push(`over each other on a chart: ${a.text} | ${b.text}`)
        }
      }
    }
    // From 1440 on no table needs to be scrolled sideways.
    if (innerWidth >= 1440)
      for (const table of document.querySelectorAll('main table, main [role="treegrid"]')) {
        const place = table.getAttribute('role') ? table : (table.parentElement ?? table)
        if (place.scrollWidth > place.clientWidth + 1)
          out.push(`table overflows: ${place.getAttribute('aria-label') ?? table.textContent?.slice(0, 40)}`)
      }
    const { scrollHeight, clientHeight } = document.documentElement
    if (scrollHeight > clientHeight + 1) out.push('the window scrolls beside its page')
    const scrolls = (element: Element | null): boolean =>
      element !== null && (/auto|scroll/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement))
    for (const element of document.querySelectorAll('html, .page > .content'))
      if (element.scrollWidth > element.clientWidth + 1)
        out.push(`overflows: ${element.tagName} ${element.getAttribute('aria-label') ?? ''}`)
    const seen: { node: Node; text: string; box: { left: number; right: number; top: number; bottom: number } }[] = []
    /** The box to which what stands in an element is clipped; undefined for what floats above the page. */
    const edgesOf = (
      element: Element | null
    ): { left: number; right: number; top: number; bottom: number } | undefined => {
      if (!element) return { left: 0, right: innerWidth, top: 0, bottom: innerHeight }
      const style = getComputedStyle(element)
      if (/fixed|sticky/.test(style.position)) return undefined
      const outer = edgesOf(element.parentElement)
      if (!outer || style.overflow === 'visible') return outer
      const { left, right, top, bottom } = element.getBoundingClientRect()
      return {
        ...{ left: Math.max(left, outer.left), right: Math.min(right, outer.right) },
        ...{ top: Math.max(top, outer.top), bottom: Math.min(bottom, outer.bottom) }
      }
    }
    /** What cuts off the text of an element, unless it scrolls, or says by an ellipsis that text goes on. */
    const clipOf = (element: Element | null): Element | undefined => {
      if (!element) return undefined
      const { overflowX, overflowY, textOverflow, webkitLineClamp } = getComputedStyle(element)
      if (/auto|scroll/.test(overflowX + overflowY)) return undefined
      if (!/hidden|clip/.test(overflowX + overflowY)) return clipOf(element.parentElement)
      return textOverflow === 'ellipsis' || webkitLineClamp !== 'none' ? undefined : element
    }
    const range = document.createRange()
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.textContent ?? ''
      const parent = node.parentElement
      if (
        !text.trim() ||
        !parent ||
        parent.closest('.katex, pre, code, .hidden-text, [hidden], textarea, select, nav[aria-label="Pages"]')
      )
        continue
      const style = getComputedStyle(parent)
      if (!parent.checkVisibility({ visibilityProperty: true })) continue
      // A word is broken where its letters stand on two lines; long ones and those with joints may be.
      if (style.whiteSpace !== 'nowrap')
        for (const { 0: word, index } of text.matchAll(/\p{L}{2,18}/gu)) {
          range.setStart(node, index)
          range.setEnd(node, index + word.length)
          const lines = new Set(
            [...range.getClientRects()].filter(({ width }) => width > 0).map(({ top }) => Math.round(top))
          )
          if (lines.size > 1) out.push(`broken word: ${word}`)
        }
      // What is seen of it: the rest is behind the edge of a box that it is in.
      if (!parent.closest('svg, .hidden-text, nav, [role="treegrid"]')) {
        range.selectNodeContents(node)
        const edges = edgesOf(parent)
        if (edges)
          for (const { left, right, top, bottom } of range.getClientRects()) {
            const box = {
              ...{ left: Math.max(left, edges.left), right: Math.min(right, edges.right) },
              ...{ top: Math.max(top, edges.top), bottom: Math.min(bottom, edges.bottom) }
            }
            if (box.right - box.left > 1 && box.bottom - box.top > 1)
              seen.push({ node, text: text.trim().slice(0, 30), box })
          }
      }
      // Text that ends at an edge without a sign that it goes on, and that no scrolling brings out.
      const clip = clipOf(parent)
      if (clip) {
        range.selectNodeContents(node)
        const [text, edge] = [range.getBoundingClientRect(), clip.getBoundingClientRect()]
        if (
          text.width > 0 &&
          (text.right > edge.right + 2 || text.left < edge.left - 2 || text.bottom > edge.bottom + 3)
        )
          out.push(`cut: ${node.textContent!.trim().slice(0, 40)}`)
      }
    }
    seen.sort((a, b) => a.box.top - b.box.top)
    for (const [i, a] of seen.entries())
      for (const b of seen.slice(i + 1)) {
        if (b.box.top > a.box.bottom - 3) break
        const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left)
        if (a.node !== b.node && across > 2 && Math.min(a.box.bottom, b.box.bottom) - b.box.top > 3)
          out.push(`text over text: ${a.text} | ${b.text}`)
      }
    const boxes = [...document.querySelectorAll('main button, main input, main a, main [role="combobox"]')]
      // What a closed fold holds has a place, but is not there.
      .filter(
        (element) => element.checkVisibility() && !element.closest('[role="treegrid"], .hidden-text, figure, label')
      )
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 1 && box.height > 1)
    for (const [i, a] of boxes.entries())
      for (const b of boxes.slice(i + 1)) {
        if (a.element.contains(b.element) || b.element.contains(a.element)) continue
        const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left)
        const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top)
        if (across > 2 && down > 2 && !scrolls(a.element.parentElement?.closest('nav') ?? null))
          out.push(
            `over each other: ${a.element.textContent?.trim().slice(0, 30)} | ${b.element.textContent?.trim().slice(0, 30)}`
          )
      }
    return [...new Set(out)]
  })
