// A page without looks, for tests: a client with everything that a browser can share and keep, and a record of what it has
// heard, done and been told.

import { type Channel, type Client, createClient, type Publication } from '@tidings/client'
import { indexedDbStorage } from '@tidings/client/indexeddb'
import { oncePerPerson, type SharedDial, sharedDial } from '@tidings/client/tabs'
import { hello } from '../../contract.ts'

export interface Lab {
  readonly client: Client
  readonly room: Channel<typeof hello.definition>
  readonly dial: SharedDial
  readonly heard: { readonly text: string; readonly offset: number }[]
  /** Each time that the connection stood again, in wall milliseconds. */
  readonly connectedAt: number[]
  /** What the app was told of the storage, and of anything that went wrong. */
  readonly states: string[]
  readonly errors: string[]
  write(...texts: string[]): readonly Publication[]
}

declare global {
  interface Window {
    lab: Lab
    /** The test's: hears of each effect, whatever becomes of this page. */
    effect?: (text: string) => void
  }
}

const errors: string[] = []
const dial = sharedDial()
const client = createClient({
  dial,
  outbox: { storage: indexedDbStorage() },
  onError: ({ message }) => void errors.push(message),
})
const name = new URLSearchParams(window.location.search).get('room') ?? 'lab'
const room = client.channel(hello({ room: name }))
const write = (...texts: string[]) => texts.map((text) => room.publish('said', { name: 'Lab', text }))
const lab: Lab = { client, room, dial, heard: [], connectedAt: [], states: [], errors, write }
window.lab = lab

const toastOnce = oncePerPerson('toast', { dial })
room.on('said', ({ text }, event) => {
  lab.heard.push({ text, offset: event.position.offset })
  toastOnce(event, () => window.effect?.(text))
})
client.connection.subscribe(() => {
  if (client.connection.get().status === 'connected') lab.connectedAt.push(Date.now())
})
client.outbox.storage.subscribe(() => void lab.states.push(client.outbox.storage.get().name))
