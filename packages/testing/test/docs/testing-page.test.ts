// What docs/testing.md shows are the files beside this one, which run.

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

it('the page about testing shows what is tested', () => {
  const shown = [...read('../../../../docs/testing.md').matchAll(/^```tsx file=(\S+)\n(.*?)^```$/gms)]
  expect(shown.map(([, file]) => file)).toEqual(['component.test.tsx', 'msw.test.tsx', 'inbox.stories.tsx'])
  for (const [, file, code] of shown) expect(code).toBe(read(file as string))
})
