import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'electron-vite'
import { resolve } from 'node:path'

const at = (path: string): string => resolve(import.meta.dirname, path)

// How long each plugin takes is no news to who starts the studio.
const checks = { pluginTimings: false }

export default defineConfig({
  main: {
    build: {
      // All in one file, but for the native modules: the package holds no packages.
      externalizeDeps: false,
      // The licences of all that is bundled.
      license: { fileName: 'third-party.txt' },
      rollupOptions: {
        checks,
        external: ['better-sqlite3', '@napi-rs/keyring'],
        // The engine is built apart (src-main/engine/build.ts): it runs in plain Node, outside the archive.
        input: {
          desktop: at('src-main/desktop.ts'),
          exporter: at('src-main/studio/exports/thread.ts'),
          reader: at('src-main/studio/reading/thread.ts')
        },
        output: { format: 'es' }
      }
    }
  },
  preload: {
    build: {
      externalizeDeps: false,
      rollupOptions: {
        checks,
        input: { preload: at('src-main/preload.ts') },
        // A sandboxed preload must be one CommonJS file.
        output: { format: 'cjs', entryFileNames: '[name].cjs' }
      }
    }
  },
  renderer: {
    root: at('src-renderer'),
    base: './',
    plugins: [svelte()],
    // No file is inlined as data: the page may load fonts and scripts from its own files only.
    build: {
      assetsInlineLimit: 0,
      rollupOptions: { checks, input: { index: at('src-renderer/index.html') } },
      // The licences of all that is bundled into the page.
      license: { fileName: 'third-party.txt' }
    }
  }
})
