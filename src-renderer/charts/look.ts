/** How models look on this page: as everywhere, unless two that stand beside each other would look alike. */
import { getContext, setContext } from 'svelte'
import type { Look } from '../../src-shared/figures/model-style.ts'
import { styleOf } from './colours.ts'

const key = Symbol('look')

/** For all that is below this component. */
export const setLook = (look: Look): Look => setContext(key, look)

export const useLook = (): Look => getContext<Look | undefined>(key) ?? styleOf
