// What a page loads for the mock: bundled as a page's bundler does it, nothing of Node is in it, and its size is known.

import { isBuiltin } from 'node:module'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import { expect, it } from 'vitest'

/** Minified and compressed, client and core included; a mock is for development, but it is waited for as well. */
const MOST_BYTES = 45_000

it('the mock is for browsers: no module of Node is within its reach, and it stays small', async () => {
  const outside: string[] = []
  await using build = await rolldown({
    input: fileURLToPath(new URL('../../src/mock.ts', import.meta.url)),
    platform: 'browser',
    resolve: { conditionNames: ['@tidings/source', 'browser', 'import', 'default'] },
    external: (id) => {
      if (isBuiltin(id)) outside.push(id)
      return isBuiltin(id)
    },
  })
  const { output } = await build.generate({ format: 'esm', minify: true })
  expect(outside).toEqual([])
  const [{ code, imports, dynamicImports }] = output
  expect([...imports, ...dynamicImports]).toEqual([])
  const bytes = gzipSync(code, { level: 9 }).length
  console.info(`the mock in a page: ${bytes} bytes, minified and compressed`)
  expect(bytes).toBeLessThan(MOST_BYTES)
})
