// @vitest-environment happy-dom
// Badges, the live badge and the highlight.

import { act, screen } from '@testing-library/react'
import { Badge, NotificationBadge, StatusBadge } from '@tidings/ui/badge'
import { Highlight } from '@tidings/ui/highlight'
import { LiveBadge, useLiveBadge } from '@tidings/ui/live-badge'
import { Activity } from 'react'
import { expect, test } from 'vitest'
import { advance, openStage } from './stage.tsx'

test('above ninety-nine a count is 99+ for the eye and exact for the ear', () => {
  const page = openStage().show(<NotificationBadge count={1_280} />)
  expect(page.querySelector('[aria-hidden="true"]')?.textContent).toBe('99+')
  expect(screen.getByText('1,280 unread')).toBeTruthy()
})

test('the bound of a count can be set, and ninety-nine is still a number', () => {
  const stage = openStage()
  const page = stage.show(<NotificationBadge count={99} />)
  expect(page.querySelector('[aria-hidden="true"]')?.textContent).toBe('99')
  stage.show(<NotificationBadge count={10} max={9} />)
  expect(page.querySelector('[aria-hidden="true"]')?.textContent).toBe('9+')
})

test('none shows no badge, unless a zero is wanted; what it sits on stays', () => {
  const stage = openStage()
  const page = stage.show(<NotificationBadge count={0}>Jobs</NotificationBadge>)
  expect(page.querySelector('.td-count')).toBeNull()
  expect(page.textContent).toContain('Jobs')
  stage.show(
    <NotificationBadge count={0} hasZero>
      Jobs
    </NotificationBadge>,
  )
  expect(page.querySelector('.td-count')).not.toBeNull()
})

test('a badge carries its variant, size and movement as attributes', () => {
  const page = openStage().show(
    <>
      <Badge variant="success" size="lg" animate pulse>
        Offer
      </Badge>
      <StatusBadge variant="warning">In review</StatusBadge>
    </>,
  )
  const [badge, status] = page.querySelectorAll<HTMLElement>('.td-badge')
  expect({ ...badge?.dataset }).toEqual({ variant: 'success', size: 'lg', animate: 'true', pulse: 'true' })
  expect(status?.querySelector('.td-status-dot')).not.toBeNull()
})

test('a live badge hides itself three seconds after the last trigger', async () => {
  let trigger: () => void = () => undefined
  function Goal() {
    const { showBadge, triggerBadge } = useLiveBadge()
    trigger = triggerBadge
    return <LiveBadge show={showBadge} />
  }
  openStage().show(<Goal />)
  expect(screen.queryByText('Live')).toBeNull()
  act(() => trigger())
  await advance(2_000)
  act(() => trigger())
  await advance(2_999)
  expect(screen.queryByText('Live')).not.toBeNull()
  await advance(1)
  expect(screen.queryByText('Live')).toBeNull()
})

test('a highlight is dark at first, lights up for a change, and anew for the next one', () => {
  const stage = openStage()
  const page = stage.show(<Highlight value={1}>Goal</Highlight>)
  const lit = () => page.querySelector('.td-highlight')?.getAttribute('data-lit')
  expect(lit()).toBeNull()
  stage.show(<Highlight value={1}>Goal, unchanged</Highlight>)
  expect(lit()).toBeNull()
  stage.show(<Highlight value={2}>Goal</Highlight>)
  expect(lit()).toBe('odd')
  stage.show(<Highlight value={3}>Goal</Highlight>)
  expect(lit()).toBe('even')
})

test('what has just arrived lights up when it comes', () => {
  const page = openStage().show(
    <Highlight value={1} isNew>
      Goal
    </Highlight>,
  )
  expect(page.querySelector('.td-highlight')?.getAttribute('data-lit')).toBe('odd')
})

test('a live badge that is hidden while it shows is gone when its page is shown again', async () => {
  let trigger: () => void = () => undefined
  function Goal() {
    const { showBadge, triggerBadge } = useLiveBadge()
    trigger = triggerBadge
    return <LiveBadge show={showBadge} />
  }
  const stage = openStage()
  const within = (mode: 'visible' | 'hidden') => (
    <Activity mode={mode}>
      <Goal />
    </Activity>
  )
  stage.show(within('visible'))
  act(() => trigger())
  stage.show(within('hidden'))
  await advance(60_000)
  stage.show(within('visible'))
  await advance(5_000)
  expect(screen.queryByText('Live')).toBeNull()
})
