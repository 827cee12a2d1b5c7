// A reader over `ws` that keeps nothing but its place: for many readers of much data. May be told to stop reading.

import { parsePosition } from '@tidings/core'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

export class Follower {
  readonly webSocket: WebSocket
  /** Offset of the last entry, once each, in order. */
  offset = Number.NaN
  isLive = false
  /** Told by the server that it is behind. */
  timesBehind = 0
  closed: number | undefined
  /** What it got that it should not have got. */
  problem: string | undefined
  readonly #waiting = new Set<() => void>()

  constructor(origin: string, channel: string, after = 'now') {
    this.webSocket = new WebSocket(`${origin.replace('http', 'ws')}/v1/socket`, 'tidings.v1.json')
    const hello = { type: 'hello', producer: 'p', subscribe: [{ id: 1, channel, after }] }
    this.webSocket.on('open', () => this.webSocket.send(JSON.stringify(hello)))
    this.webSocket.on('message', (data) => {
      const message = JSON.parse(data.toString())
      for (const frame of Array.isArray(message) ? message : [message]) this.#take(frame)
      for (const look of this.#waiting) look()
    })
    this.webSocket.on('error', () => {})
    this.webSocket.on('close', (code) => {
      this.closed = code
      for (const look of this.#waiting) look()
    })
    onTestFinished(() => this.webSocket.terminate())
  }

  /** Resolves when it is so; rejects when the connection ends before. */
  when(isSo: () => boolean, mostMs = 60_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => finish(new Error(`Waited in vain at offset ${this.offset}, live: ${this.isLive}`)),
        mostMs,
      )
      const finish = (error?: Error) => {
        clearTimeout(timer)
        this.#waiting.delete(look)
        if (error) reject(error)
        else resolve()
      }
      const look = () => {
        if (this.problem !== undefined) finish(new Error(this.problem))
        else if (isSo()) finish()
        else if (this.closed !== undefined)
          finish(new Error(`Closed with ${this.closed} at offset ${this.offset}`))
      }
      this.#waiting.add(look)
      look()
    })
  }

  reached(offset: number, mostMs?: number): Promise<void> {
    return this.when(() => this.offset === offset, mostMs)
  }

  // biome-ignore lint/suspicious/noExplicitAny: the frames are the server's, which other tests hold against its table
  #take(frame: any): void {
    if (frame.type === 'subscribed') this.offset = parsePosition(frame.position)?.offset ?? Number.NaN
    if (frame.type === 'live') this.isLive = true
    if (frame.type === 'behind') {
      this.isLive = false
      this.timesBehind++
    }
    if (frame.type === 'reset') this.problem ??= `Reset after ${this.offset}: ${frame.reason}`
    if (frame.type !== 'entries') return
    for (const { offset } of frame.entries) {
      if (offset !== this.offset + 1) this.problem ??= `After ${this.offset} came ${offset}`
      this.offset = offset
    }
  }
}
