import type { FigureSpec, SeriesStyle } from '../../src-shared/figures/spec.ts'
import { palettes } from '../../src-shared/figures/model-style.ts'

/** A saved figure stands on white: colours of the dark theme become those of the light one. */
export function printed(spec: FigureSpec): FigureSpec {
  return {
    ...spec,
    series: spec.series.map((series) => ({
      ...series,
      style: onPaper(series.style)
    })),
    references: spec.references?.map((reference) => ({
      ...reference,
      ...(reference.colour && { colour: onWhite(reference.colour) })
    })),
    bands: spec.bands?.map((band) => ({ ...band, colour: onWhite(band.colour) }))
  }
}

export const onPaper = (style: SeriesStyle): SeriesStyle => ({ ...style, colour: onWhite(style.colour) })

function onWhite(colour: string): string {
  const place = (palettes.dark as readonly string[]).indexOf(colour)
  return place < 0 ? colour : palettes.light[place]
}
