import { defaultClientConditions, defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'

// Tests run the TypeScript sources of every package, as development does; the built files are checked on their own
// by scripts/check-packages.ts.
const source = '@tidings/source'
const resolve = { conditions: [source, ...defaultClientConditions] }
const ssr = { resolve: { conditions: [source, ...defaultServerConditions] } }
// For what a test starts past Vite: worker threads and child processes that inherit these arguments.
const execArgv = [`--conditions=${source}`]

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          include: [
            'packages/*/test/**/*.test.{ts,tsx}',
            'scripts/test/**/*.test.ts',
            'bench/test/**/*.test.ts',
          ],
          execArgv,
          // Whoever runs them waits for them: no core is spared.
          maxWorkers: '100%',
          // Nothing here sleeps: the limit is for a machine that is busy with other things, not for what is slow.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'browser',
          include: ['examples/**/e2e/**/*.test.ts'],
          globalSetup: 'examples/site/e2e/setup.ts',
          execArgv,
          // A worker is a Chromium, a server or two and the test itself: more than two of them crowd most machines.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
