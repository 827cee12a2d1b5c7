// @vitest-environment happy-dom
// The mock as a provider and as a decorator.

import { act, cleanup, render, screen } from '@testing-library/react'
import { VirtualClock } from '@tidings/testing'
import type { Mock } from '@tidings/testing/mock'
import { MockTidings, type MockTidingsProps, useMock } from '@tidings/testing/react'
import { Activity, type ReactNode, StrictMode } from 'react'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { contract, inbox } from '../docs/contract.ts'
import stories, * as all from '../docs/inbox.stories.tsx'
import { Inbox } from '../docs/inbox.tsx'

const environment = globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
beforeEach(() => {
  environment.IS_REACT_ACT_ENVIRONMENT = true
})
afterEach(cleanup)

type Props = Partial<MockTidingsProps<typeof contract>>

/** The inbox in strict mode, where effects are undone and done again. */
async function open(props: Props = {}) {
  const clock = new VirtualClock()
  const mocks = new Set<Mock>()
  const Tap = ({ children }: { children?: ReactNode }) => {
    mocks.add(useMock())
    return children
  }
  const page = (changed: Props) => (
    <StrictMode>
      <MockTidings contract={contract} clock={clock} {...props} {...changed}>
        <Tap>
          <Inbox user="ada" />
        </Tap>
      </MockTidings>
    </StrictMode>
  )
  const shown = render(page({}))
  await act(() => clock.settle())
  return { clock, mocks, shown, show: (changed: Props) => shown.rerender(page(changed)) }
}

describe('MockTidings', () => {
  it('serves what is below it from the first render on, history included', async () => {
    const { mocks, clock } = await open({ history: 4, data: { inbox: { cleared: false } } })
    expect(screen.getAllByRole('listitem')).toHaveLength(4)
    const [mock] = mocks
    await act(async () => {
      await mock?.publish(inbox({ user: 'ada' }), 'arrived', { title: 'Fifth', message: '' })
      await clock.settle()
    })
    screen.getByText('Fifth')
  })

  it('is there again when the page that was hidden is shown again', async () => {
    const clock = new VirtualClock()
    const page = (mode: 'visible' | 'hidden') => (
      <Activity mode={mode}>
        <MockTidings contract={contract} clock={clock} history={4} data={{ inbox: { cleared: false } }}>
          <Inbox user="ada" />
        </MockTidings>
      </Activity>
    )
    const { rerender } = render(page('visible'))
    await act(() => clock.settle())
    rerender(page('hidden'))
    await act(() => clock.advance(60_000))
    rerender(page('visible'))
    await act(() => clock.settle())
    expect(screen.queryByRole('status')).toBeNull()
    expect(screen.getAllByRole('listitem')).toHaveLength(4)
  })

  it('outlives what StrictMode does to effects, and not its own end', async () => {
    const { clock, shown } = await open()
    await act(() => clock.advance(10_000))
    expect(screen.queryByRole('status')).toBeNull()
    shown.unmount()
    await clock.advance(1)
    await clock.advance(60_000)
    expect(clock.pendingTimers).toBe(0)
  })

  it('has the faults that its props say, from the start and when they change', async () => {
    const { clock, show } = await open({ faults: ['offline'] })
    screen.getByText('Not connected')
    show({ faults: [] })
    await act(() => clock.settle())
    expect(screen.queryByText('Not connected')).toBeNull()
    show({ faults: ['unreachable'] })
    await act(() => clock.settle())
    screen.getByText('Not connected')
  })

  it('is asked for by name where it is missing', () => {
    const Tap = () => String(useMock())
    expect(() => render(<Tap />)).toThrow('put <MockTidings contract={contract}> around')
  })
})

describe('the decorator', () => {
  it('makes a story live, by what Storybook calls it with', async () => {
    const [decorate] = stories.decorators
    render(decorate?.(() => <Inbox user="ada" />))
    expect((await screen.findAllByRole('listitem')).length).toBeGreaterThan(0)
    expect(Object.keys(all)).toContain('Offline')
  })
})
