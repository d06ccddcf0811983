import type { MenuItem } from '../components/menu.ts'
import { fileName, saveFile } from '../state/save.ts'
import { notify } from '../state/notify.svelte.ts'
import { svgToPng } from './png.ts'

/** Save what is drawn as a picture: the SVG is made when it is asked for. */
export const pictureItems = (title: () => string, svg: () => string): MenuItem[] => [
  {
    label: 'Save as PNG',
    run: async () => {
      await notify.attempt(async () => {
        saveFile(`${fileName(title())}.png`, await svgToPng(svg()))
      })
    }
  },
  { label: 'Save as SVG', run: () => saveFile(`${fileName(title())}.svg`, svg(), 'image/svg+xml') }
]
