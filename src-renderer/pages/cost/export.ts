/** A figure as a file. */
import { figureFile } from '../../../src-shared/figures/svg.ts'
import type { FigureSpec } from '../../../src-shared/figures/spec.ts'
import { svgToPng } from '../../charts/png.ts'
import type { MenuItem } from '../../components/menu.ts'
import { fileName, saveFile } from '../../state/save.ts'
import { notify } from '../../state/notify.svelte.ts'

/** A file shows the markers of curves with few points only: every fourth point of a dense one, and its last. */
const thinned = (spec: FigureSpec): FigureSpec => ({
  ...spec,
  series: spec.series.map((series) =>
    series.points.length <= 40
      ? series
      : { ...series, points: series.points.filter((_, i, all) => i % 4 === 0 || i === all.length - 1) }
  )
})

export const saveSvg = (spec: FigureSpec): void =>
  saveFile(`${fileName(spec.title)}.svg`, figureFile(thinned(spec)), 'image/svg+xml')

export async function savePng(spec: FigureSpec): Promise<void> {
  await notify.attempt(async () => saveFile(`${fileName(spec.title)}.png`, await svgToPng(figureFile(thinned(spec)))))
}

export const figureItems = (spec: FigureSpec): MenuItem[] => [
  { label: 'Save as PNG', run: () => void savePng(spec) },
  { label: 'Save as SVG', run: () => saveSvg(spec) }
]
