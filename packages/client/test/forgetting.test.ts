// What a client lets go of: looked at from outside, by what the garbage collector may take.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { channel } from '@tidings/core'
import { expect, test } from 'vitest'
import { room, said, world } from './world.ts'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** How many of these are still held by somebody. */
async function left(refs: readonly WeakRef<WeakKey>[]): Promise<number> {
  for (let i = 0; i < 3; i++) {
    // What a WeakRef was asked for stays until its turn of the event loop is over.
    await new Promise((resolve) => setImmediate(resolve))
    collect()
  }
  return refs.filter((ref) => ref.deref() !== undefined).length
}

test('channels that were let go of without a network are not kept until there is one', async () => {
  const it = world()
  it.server.mode = 'refuse'
  const kinds = channel('kind/:id', { events: { said } })
  const refs = Array.from({ length: 50 }, (_, id) => {
    const one = it.client.channel(kinds({ id: String(id) }))
    one.hold()()
    return new WeakRef(one)
  })
  await it.server.advance(2_000)
  expect(await left(refs)).toBeLessThan(5)
  it.client.close()
})

test('calls that a server never answers are forgotten when their time is over', async () => {
  const it = world()
  it.server.intercept = (frame) => frame.type === 'call'
  const lobby = it.client.channel(room)
  lobby.hold()
  await it.server.settle()
  const refs: WeakRef<WeakKey>[] = []
  for (let i = 0; i < 50; i++) {
    const { signal } = new AbortController()
    refs.push(new WeakRef(signal))
    void lobby.call('echo', { text: 'anybody?' }, { timeoutMs: 1_000, signal }).catch(() => {})
  }
  await it.server.advance(2_000)
  expect(it.server.last.framesOf('call')).toHaveLength(50)
  expect(await left(refs)).toBeLessThan(5)
  it.client.close()
})
