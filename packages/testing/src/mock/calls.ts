// Answers to calls: the application's handlers, and invented ones where it has none.

import type { Clock, Contract } from '@tidings/core'
import type { HubOptions } from '@tidings/server/parts'
import type { Samples } from './samples.ts'

type Handlers = HubOptions['calls']

export function callsOf(
  contract: Contract,
  own: Handlers,
  { samples, clock }: { readonly samples: Samples; readonly clock: Clock },
): Handlers {
  return Object.fromEntries(
    Object.entries(contract.channels).map(([kind, { definition }]) => {
      const invented = Object.keys(definition.calls).map((name) => [
        name,
        (_input: unknown, { channel }: { readonly channel: string }) => {
          const ref = contract.resolve(channel)
          return ref && samples.reply(ref, name, clock.now())
        },
      ])
      return [kind, { ...Object.fromEntries(invented), ...own[kind] }]
    }),
  )
}
