// @vitest-environment happy-dom
// A component that is edited while the page runs: React keeps its state, runs every effect and memo of it anew, and the
// channel must not notice. This is what React Refresh does, spoken to directly.

import { act } from '@testing-library/react'
import { useChannelState, useEvent, usePresence } from '@tidings/react'
import { useState } from 'react'
import { expect, test, vi } from 'vitest'
import { openPage } from './harness.tsx'
import { lobby } from './lobby.ts'

interface Family {
  current: unknown
}

interface Renderer {
  setRefreshHandler(resolve: (type: unknown) => Family | undefined): void
  scheduleRefresh(root: unknown, update: { updatedFamilies: Set<Family>; staleFamilies: Set<Family> }): void
}

const react = vi.hoisted(() => {
  const found: { renderer?: unknown; root?: unknown } = {}
  // The renderer introduces itself to this hook when its module is loaded, which is after this.
  Object.assign(globalThis, {
    __REACT_DEVTOOLS_GLOBAL_HOOK__: {
      supportsFiber: true,
      inject(renderer: unknown) {
        found.renderer = renderer
        return 1
      },
      onCommitFiberRoot(_id: number, root: unknown) {
        found.root = root
      },
      onCommitFiberUnmount() {},
      onScheduleFiberRoot() {},
      onPostCommitFiberRoot() {},
    },
  })
  return found
})

async function replace(before: unknown, after: unknown): Promise<void> {
  const renderer = react.renderer as Renderer
  const family: Family = { current: after }
  renderer.setRefreshHandler((type) => (type === before || type === after ? family : undefined))
  await act(async () =>
    renderer.scheduleRefresh(react.root, { updatedFamilies: new Set([family]), staleFamilies: new Set() }),
  )
}

test('a hot reload neither subscribes, leaves nor misses anything, and the new handler hears', async () => {
  const page = openPage({ isStrict: true })
  const heard: string[] = []
  const version = (name: string) =>
    function Room() {
      const [mounted] = useState(name)
      usePresence(lobby(), { name: 'Ada' })
      useEvent(lobby(), 'said', ({ text }) => heard.push(`${name} ${text}`))
      return <p>{`${mounted} ${name} ${useChannelState(lobby())?.length}`}</p>
    }
  const Before = version('before')
  page.show(<Before />)
  await page.settle()
  page.server.say(lobby(), ['one'])
  await page.settle()

  await replace(Before, version('after'))
  page.server.say(lobby(), ['two'])
  await page.advance(5_000)

  expect(document.querySelector('p')?.textContent).toBe('before after 2')
  expect(heard).toEqual(['before one', 'after two'])
  expect(page.server.connections).toHaveLength(1)
  expect(page.server.subscribes).toEqual(['hello/lobby'])
  expect(page.server.received.filter(({ type }) => type === 'unsubscribe' || type === 'leave')).toEqual([])
})
