import js from '@eslint/js'
import svelte from 'eslint-plugin-svelte'
import globals from 'globals'
import ts from 'typescript-eslint'
import svelteConfig from './svelte.config.js'

const node = ['node:*', 'electron', 'electron/*', 'better-sqlite3', '@tensorflow/*', 'webgpu', 'ws']

export default ts.config(
  {
    ignores: ['out/', 'dist/', 'node_modules/', 'tests/golden/', 'test-results/', 'src-main/tensors/kernels/assembly/']
  },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
    rules: {
      'no-undef': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error'
    }
  },
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } } },
  {
    // What every side speaks is pure: no Node, no Electron, no DOM, no tensors.
    files: ['src-shared/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: [...node, '**/src-main/**', '**/src-renderer/**'], message: 'src-shared is pure TypeScript.' }
          ]
        }
      ],
      'no-restricted-globals': ['error', 'window', 'document', 'process', 'Buffer', 'require', 'fetch', 'localStorage']
    }
  },
  {
    files: ['src-renderer/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: [...node, '**/src-main/**'],
              message: 'The renderer speaks to the studio through the contract only.'
            }
          ]
        }
      ]
    }
  },
  {
    // Numeric code has no hidden clock and no hidden randomness; SQL stays in the store.
    files: ['src-main/models/**', 'src-main/tasks/**', 'src-shared/**'],
    rules: {
      'no-restricted-properties': ['error', { object: 'Math', property: 'random' }, { object: 'Date', property: 'now' }]
    }
  },
  {
    files: ['src-main/**'],
    ignores: ['src-main/store/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['better-sqlite3', '**/src-renderer/**'], message: 'Only store/ knows SQL.' }] }
      ]
    }
  }
)
