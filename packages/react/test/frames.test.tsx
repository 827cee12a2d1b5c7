// @vitest-environment happy-dom
// When what the server brings is rendered, with React scheduling by itself and frames that the test paints.

import { useChannelState } from '@tidings/react'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openPage, withoutAct } from './harness.tsx'
import { lobby } from './lobby.ts'

/** The page's frames, one by one. What waits for none of them waits for a timer. */
function frames({ isShown = true } = {}) {
  const waiting = new Map<number, () => void>()
  let asked = 0
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => {
    waiting.set(++asked, run)
    return asked
  })
  vi.stubGlobal('cancelAnimationFrame', (id: number) => void waiting.delete(id))
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(isShown ? 'visible' : 'hidden')
  const paint = () => {
    const due = [...waiting.values()]
    waiting.clear()
    for (const run of due) run()
  }
  onTestFinished(() => {
    while (waiting.size > 0) paint()
    vi.useRealTimers()
    vi.unstubAllGlobals()
    vi.restoreAllMocks()
  })
  return { paint, waiting }
}

async function openTexts(options?: { readonly isShown?: boolean }) {
  const { paint, waiting } = frames(options)
  const page = openPage()
  const Texts = () => (
    <p>
      {useChannelState(lobby())
        ?.map(({ text }) => text)
        .join(' ')}
    </p>
  )
  const Length = () => <i>{useChannelState(lobby())?.length}</i>
  page.show([<Texts key="1" />, <Length key="2" />])
  await page.settle()
  withoutAct()
  const server = page.server
  return {
    page,
    waiting,
    shown: () => `${document.querySelector('p')?.textContent} ${document.querySelector('i')?.textContent}`,
    /** A message of its own for each, in tasks of their own. */
    say: async (...texts: readonly string[]) => {
      for (const text of texts) {
        server.say(lobby(), [text])
        await server.settle()
      }
    },
    paint: async () => {
      paint()
      await server.settle()
    },
  }
}

test('a message renders at once, in all components; what follows before the next frame renders once, with it', async () => {
  const { page, say, paint, shown } = await openTexts()
  const before = page.commits()
  await say('1')
  expect(shown()).toBe('1 1')
  expect(page.commits() - before).toBe(1)
  await say('2', '3', '4')
  expect(shown()).toBe('1 1')
  await paint()
  expect(shown()).toBe('1 2 3 4 4')
  expect(page.commits() - before).toBe(2)
})

test('as long as more comes, each frame renders once; after a frame without anything the next message renders at once', async () => {
  const { page, say, paint, shown } = await openTexts()
  await say('1', '2')
  await paint()
  const before = page.commits()
  for (let frame = 1; frame <= 10; frame++) {
    await say('a', 'b', 'c', 'd', 'e')
    await paint()
    expect(page.commits() - before).toBe(frame)
  }
  await paint()
  expect(page.commits() - before).toBe(10)
  await say('last')
  expect(shown()).toContain('last 53')
})

test('what this end writes renders at once, on top of all that came', async () => {
  const { page, say, paint, shown } = await openTexts()
  await say('1', '2', '3')
  expect(shown()).toBe('1 1')
  page.client.channel(lobby()).publish('said', { text: 'mine' })
  await Promise.resolve()
  expect(shown()).toBe('1 2 3 mine 4')
  const before = page.commits()
  await paint()
  expect(page.commits()).toBe(before)
})

test('a frame that does not come is waited for no longer than 100 ms', async () => {
  const { page, say, shown, waiting } = await openTexts()
  await say('1', '2')
  vi.advanceTimersByTime(99)
  await page.server.settle()
  expect(shown()).toBe('1 1')
  vi.advanceTimersByTime(1)
  await page.server.settle()
  expect(shown()).toBe('1 2 2')
  // Only the frame after this one is asked for.
  expect(waiting.size).toBe(1)
})

test('a page that is hidden renders each message: it has no frames', async () => {
  const { say, shown, waiting } = await openTexts({ isShown: false })
  for (const text of ['1', '2', '3']) await say(text)
  expect(shown()).toBe('1 2 3 3')
  expect(waiting.size).toBe(0)
})

test('a component that is gone is not rendered by what waited for it', async () => {
  const { paint } = frames()
  const page = openPage()
  let renders = 0
  function Texts() {
    renders++
    return <p>{useChannelState(lobby())?.length}</p>
  }
  page.show(<Texts />)
  await page.settle()
  withoutAct()
  for (const text of ['1', '2']) {
    page.server.say(lobby(), [text])
    await page.server.settle()
  }
  page.show(null)
  await page.server.settle()
  const before = renders
  paint()
  await page.server.settle()
  expect(renders).toBe(before)
})
