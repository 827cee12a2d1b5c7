// Component tests without timing luck: a component over a mock, on time that moves when the test says so.

import { act, type RenderOptions, type RenderResult, render } from '@testing-library/react'
import { type Client, type ClientOptions, createClient } from '@tidings/client'
import type { AnyDefinition, ChannelRef, Contract, EventInput, EventName, Position } from '@tidings/core'
import { VirtualClock } from '@tidings/core/testing'
import { TidingsProvider } from '@tidings/react'
import type { ReactNode } from 'react'
import type { Fault, LastingFault } from '../mock/faults.ts'
import { createMock, type Mock, type MockedClientOptions } from '../mock/mock.ts'
import type { MockOptions } from '../mock/options.ts'

export interface RenderWithTidingsOptions<C extends Contract> extends Omit<MockOptions<C>, 'clock'> {
  /** Of the client in front of the mock. */
  readonly client?: Omit<ClientOptions, keyof MockedClientOptions | 'url'> | undefined
  /** When the test happens, in milliseconds since 1970. Default: the first of January 2026. */
  readonly now?: number | undefined
  /** Testing Library's own; a wrapper of yours stands inside of Tidings' provider. */
  readonly render?: Omit<RenderOptions, 'queries'> | undefined
}

/** What was rendered, and its world. Whatever is awaited here has been rendered when it resolves. */
export interface RenderedWithTidings extends RenderResult {
  readonly mock: Mock
  readonly client: Client
  /** Publishes as the backend. Without data, some is invented. */
  publish<D extends AnyDefinition, Name extends EventName<D>>(
    channel: ChannelRef<D>,
    event: Name,
    data?: EventInput<D, Name>,
  ): Promise<Position>
  /** Lets everything happen that needs no time: after a click, say. */
  settle(): Promise<void>
  /** Lets time pass. */
  advance(ms: number): Promise<void>
  /** The network is gone. */
  cut(): Promise<void>
  /** Ends a lasting fault, or all of them: a cut, too. */
  restore(name?: LastingFault): Promise<void>
  fault(name: Fault): Promise<void>
}

/**
 * Renders a component under a client that is served by a mock, and resolves when it is connected and rendered.
 *
 * @example
 * const page = await renderWithTidings(<Inbox />, { contract })
 * await page.publish(inbox({ user: 'ada' }), 'arrived', { title: 'Draft approved' })
 * page.getByText('Draft approved')
 */
export async function renderWithTidings<C extends Contract>(
  ui: ReactNode,
  { client: clientOptions, now, render: own, ...options }: RenderWithTidingsOptions<C>,
): Promise<RenderedWithTidings> {
  const clock = new VirtualClock(now)
  const mock = createMock({ ...options, clock })
  const client = createClient({ ...clientOptions, ...mock.clientOptions })
  const { wrapper: Inner, ...rest } = own ?? {}
  const wrapper = ({ children }: { readonly children: ReactNode }) => (
    <TidingsProvider client={client}>{Inner ? <Inner>{children}</Inner> : children}</TidingsProvider>
  )
  const settle = () => act(() => clock.settle())
  const after = async <T,>(work: () => T | Promise<T>): Promise<T> => {
    let done: Awaited<T> | undefined
    await act(async () => {
      done = await work()
      await clock.settle()
    })
    return done as T
  }
  const shown = render(ui, { ...rest, wrapper })
  await settle()
  return {
    ...shown,
    mock,
    client,
    publish: (channel, event, data) => after(() => mock.publish(channel, event, data)),
    settle,
    advance: (ms) => act(() => clock.advance(ms)),
    cut: () => after(() => mock.fault('offline')),
    restore: (name) => after(() => mock.restore(name)),
    fault: (name) => after(() => mock.fault(name)),
    unmount() {
      shown.unmount()
      client.close()
      mock.close()
    },
  }
}
