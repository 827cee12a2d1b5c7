// Rendering on a server: no page is touched, no timer is left, and the live regions are there, empty, in the HTML.

import { readFileSync } from 'node:fs'
import { createSound } from '@tidings/ui/sound'
import { Children, isValidElement, type ReactNode, StrictMode } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, test, vi } from 'vitest'
import { EveryComponent } from './every-component.tsx'

test('a server renders every component without a page, and leaves no timer behind', () => {
  vi.useFakeTimers()
  const at = Date.UTC(2026, 0, 15)
  const html = renderToString(
    <StrictMode>
      <EveryComponent now={at} />
    </StrictMode>,
  )
  expect(typeof window).toBe('undefined')
  expect(html).toContain('<div role="status" aria-live="polite" aria-atomic="true"></div>')
  expect(html).toContain('Draft approved')
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

test('every component of every door is among those that a server renders', async () => {
  const { exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const doors = Object.keys(exports).filter((door) => !/\.(css|json)$/.test(door))
  const offered = new Map<unknown, string>()
  for (const door of doors) {
    const members: object = await import(/* @vite-ignore */ `@tidings/ui${door.slice(1)}`)
    for (const [name, member] of Object.entries(members))
      if (typeof member === 'function' && /^[A-Z]/.test(name)) offered.set(member, `${door} ${name}`)
  }
  expect(offered.size).toBeGreaterThan(0)
  for (const component of componentsIn(EveryComponent({ now: 0 }))) offered.delete(component)
  expect([...offered.values()]).toEqual([])
})

/** What stands in the tree as it was written, before any of it renders. */
function componentsIn(node: ReactNode): readonly unknown[] {
  return Children.toArray(node).flatMap((child) =>
    isValidElement<{ readonly children?: ReactNode }>(child)
      ? [child.type, ...componentsIn(child.props.children)]
      : [],
  )
}

test('a sound can be made on a server: it is locked, and plays nothing', () => {
  const sound = createSound()
  expect([sound.get(), sound.play()]).toEqual(['locked', false])
})
