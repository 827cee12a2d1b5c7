import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { handshake, textFrame, textFrames } from '../load/frames.ts'

/** What a server that is not ours reads from these bytes. */
async function heard(bytes: Buffer, count: number): Promise<readonly string[]> {
  const http = createServer()
  const sockets = new WebSocketServer({ server: http })
  const messages: string[] = []
  const all = new Promise<void>((resolve, reject) => {
    sockets.on('connection', (socket) => {
      socket.on('error', reject)
      socket.on('message', (data) => {
        messages.push(String(data))
        if (messages.length === count) resolve()
      })
    })
  })
  await new Promise<void>((ready) => void http.listen(0, '127.0.0.1', ready))
  const { port } = http.address() as AddressInfo
  const client = connect(port, '127.0.0.1')
  client.write(handshake({ path: '/', port, subprotocol: undefined }))
  client.write(bytes)
  try {
    await all
    return messages
  } finally {
    client.destroy()
    for (const socket of sockets.clients) socket.terminate()
    http.close()
  }
}

test('a frame made by hand is what was said, at every form of its length', async () => {
  const texts = ['', 'é', 'x'.repeat(125), 'x'.repeat(126), 'y'.repeat(65_535)]
  expect(await heard(Buffer.concat(texts.map(textFrame)), texts.length)).toEqual(texts)
})

test('a frame that is too long is refused, not cut', () => {
  expect(() => textFrame('x'.repeat(65_536))).toThrow('no frame that long')
})

test('texts of one moment are one message where the protocol has that, and several where it would be too long', async () => {
  const pack = (texts: readonly string[]) => `[${texts.join(',')}]`
  expect(await heard(textFrames(['1', '2', '3'], pack), 1)).toEqual(['[1,2,3]'])
  const long = Array.from({ length: 3 }, (_, i) => `"${String(i).repeat(29_000)}"`)
  const messages = await heard(textFrames(long, pack), 2)
  expect(messages.flatMap((message) => JSON.parse(message) as string[])).toEqual(
    long.map((text) => JSON.parse(text)),
  )
  expect(await heard(textFrames(['1', '2']), 2)).toEqual(['1', '2'])
})
