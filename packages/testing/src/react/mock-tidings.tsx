'use client'
// A provider with everything behind it: a mock and a client of it, made when it is mounted, gone when it is not.

import { type Client, type ClientOptions, createClient } from '@tidings/client'
import type { Cancel, Contract } from '@tidings/core'
import { TidingsProvider } from '@tidings/react'
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from 'react'
import type { LastingFault } from '../mock/faults.ts'
import { createMock, type Mock, type MockedClientOptions } from '../mock/mock.ts'
import type { MockOptions } from '../mock/options.ts'

export interface MockTidingsProps<C extends Contract> extends MockOptions<C> {
  /** Of the client in front of the mock. */
  readonly client?: Omit<ClientOptions, keyof MockedClientOptions | 'url'> | undefined
  /** What is wrong at the moment; may change. Default: nothing. */
  readonly faults?: readonly LastingFault[] | undefined
  readonly children?: ReactNode
}

interface Stand {
  readonly mock: Mock
  readonly client: Client
  isOver: boolean
}

const StandContext = createContext<Mock | undefined>(undefined)
const none: readonly LastingFault[] = []

/**
 * Components below it find a client that is served by a mock. The mock is made once: of the options only `faults` may
 * change.
 *
 * @example
 * <MockTidings contract={contract} history={12} everyMs={5_000}>
 *   <Inbox />
 * </MockTidings>
 */
export function MockTidings<C extends Contract>({
  children,
  faults = none,
  ...options
}: MockTidingsProps<C>) {
  const [stand, setStand] = useState(() => open(options, faults))
  const { mock, client } = stand
  const closing = useRef<Cancel | undefined>(undefined)
  useEffect(() => {
    for (const fault of mock.faults.get()) if (!faults.includes(fault)) mock.restore(fault)
    for (const fault of faults) mock.fault(fault)
  }, [mock, faults])
  useEffect(() => {
    closing.current?.()
    // A hidden `<Activity>` that is shown again finds an end behind it, and begins anew.
    if (stand.isOver) return setStand(open(options, faults))
    const { mock, client } = stand
    return () => {
      // A remount (StrictMode, a hot reload) comes in the same turn, and finds everything as it was.
      closing.current = mock.clientOptions.clock.setTimer(0, () => {
        stand.isOver = true
        client.close()
        mock.close()
      })
    }
  }, [stand])
  return (
    <StandContext value={mock}>
      <TidingsProvider client={client}>{children}</TidingsProvider>
    </StandContext>
  )
}

/** The mock of the nearest {@link MockTidings}: for switches of faults, and buttons that publish. */
export function useMock(): Mock {
  const mock = useContext(StandContext)
  if (!mock)
    throw new Error('useMock found no mock: put <MockTidings contract={contract}> around the component.')
  return mock
}

function open<C extends Contract>(
  { client, ...options }: Omit<MockTidingsProps<C>, 'children' | 'faults'>,
  faults: readonly LastingFault[],
): Stand {
  const mock = createMock(options)
  for (const fault of faults) mock.fault(fault)
  return { mock, client: createClient({ ...client, ...mock.clientOptions }), isOver: false }
}
