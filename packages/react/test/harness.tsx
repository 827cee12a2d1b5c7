// A page with a client and a server in one process: what a test renders, and how it lets things happen.

import { act, cleanup, render } from '@testing-library/react'
import { type Client, createClient, type OutboxOptions } from '@tidings/client'
import type { TidingsError } from '@tidings/core'
import { naming, seededChance } from '@tidings/core/testing'
import { TidingsProvider } from '@tidings/react'
import { Profiler, type ProfilerOnRenderCallback, type ReactNode, StrictMode } from 'react'
import { afterEach, beforeEach } from 'vitest'
import { FakeServer } from './fake-server.ts'

const environment = globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }

beforeEach(() => {
  environment.IS_REACT_ACT_ENVIRONMENT = true
})
afterEach(cleanup)

export interface Page {
  readonly client: Client
  readonly server: FakeServer
  readonly errors: readonly TidingsError[]
  /** How often anything below the provider was committed. */
  readonly commits: () => number
  /** Puts `node` under the provider; again, to render it anew. */
  show(node: ReactNode): void
  /** Does what a person's click would do, and renders. */
  click<T>(work: () => T): T
  /** Lets everything happen that needs no time, effects and renders included. */
  settle(): Promise<void>
  advance(ms: number): Promise<void>
}

export function openPage({
  isStrict = false,
  outbox,
}: {
  readonly isStrict?: boolean
  readonly outbox?: OutboxOptions
} = {}): Page {
  const server = new FakeServer()
  const errors: TidingsError[] = []
  const lifecycle = { isOnline: () => true, subscribe: () => () => undefined }
  const client = createClient({
    url: 'ws://fake/v1/socket',
    clock: server.clock,
    chance: naming('me', seededChance(1)),
    dial: server.dial,
    lifecycle,
    outbox,
    onError: (error) => errors.push(error),
  })
  let commits = 0
  const count: ProfilerOnRenderCallback = () => {
    commits++
  }
  const page = (node: ReactNode) => (
    <TidingsProvider client={client}>
      <Profiler id="page" onRender={count}>
        {node}
      </Profiler>
    </TidingsProvider>
  )
  const dress = (node: ReactNode) => (isStrict ? <StrictMode>{page(node)}</StrictMode> : page(node))
  let shown: ReturnType<typeof render> | undefined
  return {
    client,
    server,
    errors,
    commits: () => commits,
    show(node) {
      if (shown) shown.rerender(dress(node))
      else shown = render(dress(node))
    },
    click<T>(work: () => T): T {
      const done: T[] = []
      act(() => void done.push(work()))
      return done[0] as T
    },
    settle: () => act(() => server.settle()),
    advance: (ms) => act(() => server.advance(ms)),
  }
}

/** Lets React schedule by itself, as in production, instead of waiting for `act`. */
export function withoutAct(): void {
  environment.IS_REACT_ACT_ENVIRONMENT = false
}
