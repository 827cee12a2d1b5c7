'use client'
// Which of the names that others write under is this client's own.

import type { ConnectionState } from '@tidings/client'
import { useState } from 'react'
import { useConnection } from './use-connection.ts'

/**
 * The public name of this client: the `by` of its events, the `id` of its member, the `from` of its signals. Undefined
 * until the server has told it; it stays while the connection is away.
 *
 * @example
 * const you = useYou()
 * return messages.map((message) => <Row key={message.id} isOwn={message.isPending || message.by === you} {...message} />)
 */
export function useYou(): string | undefined {
  const told = useConnection(youOf)
  const [known, setKnown] = useState(told)
  if (told !== undefined && told !== known) setKnown(told)
  return told ?? known
}

const youOf = (connection: ConnectionState) =>
  connection.status === 'connected' ? connection.you : undefined
