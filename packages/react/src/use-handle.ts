'use client'
// From a reference to the client's channel. Knows names only: two references to the same name are the same channel, so
// one that is written inline does not subscribe anew with every render.

import type { Channel } from '@tidings/client'
import { type AnyDefinition, type ChannelRef, TidingsError } from '@tidings/core'
import { useMemo } from 'react'
import { useClient } from './use-client.ts'

/** A channel, or null (or undefined) to skip: the hook is called all the same, and does nothing. */
export type Skippable<D extends AnyDefinition> = ChannelRef<D> | null | undefined

/** The channel of that name; undefined when it is skipped. Asking for it subscribes to nothing. */
export function useHandle<D extends AnyDefinition>(ref: Skippable<D>): Channel<D> | undefined {
  const client = useClient()
  const name = ref?.name
  // The name stands for the reference. What is kept here keeps the channel from being collected.
  return useMemo(() => (ref ? client.channel(ref) : undefined), [client, name])
}

/** What a stable action of a hook does its work on. `action` begins the sentence that a skipped channel throws. */
export function required<D extends AnyDefinition>(
  channel: Channel<D> | undefined,
  action: string,
): Channel<D> {
  if (channel) return channel
  throw new TidingsError(
    'unknown-channel',
    `${action} needs a channel; this hook was given null. Give it a reference first.`,
  )
}
