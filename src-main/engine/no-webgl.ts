/** Stands for the browser's backend in the engine's bundle: there is no page here. */
export const version_webgl = 'none'
