// What a page loads for the mock: bundled as a page's bundler does it, nothing of Node is in it, and its size is known.

import { isBuiltin } from 'node:module'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import { expect, it } from 'vitest'

/** Minified and compressed, client and core included; a mock is for development, but it is waited for as well. */
const MOST_BYTES = 45_000

it('the mock is for browsers: no module of Node is within its reach, and it stays small', {
  timeout: 60_000,
}, async () => {
  const whole = await bundle([])
  expect(whole.outside).toEqual([])
  const beside = await bundle(['@tidings/client', '@tidings/core'])
  expect(beside.outside.toSorted()).toEqual(['@tidings/client', '@tidings/core'])
  console.info(
    `the mock, minified and compressed: ${whole.bytes} bytes with client and core, ${beside.bytes} beside them`,
  )
  expect(whole.bytes).toBeLessThan(MOST_BYTES)
})

/** The mock as a page gets it; what the page has anyway may be left out. */
async function bundle(leftOut: readonly string[]) {
  const outside = new Set<string>()
  await using build = await rolldown({
    input: fileURLToPath(new URL('../../src/mock.ts', import.meta.url)),
    platform: 'browser',
    resolve: { conditionNames: ['@tidings/source', 'browser', 'import', 'default'] },
    external: (id) => {
      const isOutside = isBuiltin(id) || leftOut.includes(id)
      if (isOutside) outside.add(id)
      return isOutside
    },
  })
  const { output } = await build.generate({ format: 'esm', minify: true })
  const code = output.map((file) => (file.type === 'chunk' ? file.code : '')).join('')
  return { outside: [...outside], bytes: gzipSync(code, { level: 9 }).length }
}
