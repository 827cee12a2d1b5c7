// The academy's client, by the names that its pages know. What it does, a Tidings client does; `tidings` is that client,
// for everything that these names do not reach.

import { type Client, type ConnectionState, createClient, type EventInfo } from '@tidings/client'
import { type Cancel, type Clock, systemClock, TidingsError } from '@tidings/core'
import { type DebugLog, debugLog } from './debug-log.ts'
import { dialFor } from './dials.ts'
import { channelFor, type Message, type MessageType, messageTypes, type Payloads } from './messages.ts'
import { type Callbacks, clientOptions, defaults, sourceOf, type WebSocketClientOptions } from './options.ts'

/** How a message came: as it happens, read back after an absence, or as one's own. */
export type Told = Pick<Message, 'timestamp' | 'messageId'> &
  Pick<EventInfo, 'origin' | 'isReplay' | 'position'>

export class WebSocketClient {
  readonly tidings: Client
  readonly options: WebSocketClientOptions
  readonly #log: DebugLog
  readonly #clock: Clock
  readonly #cancels: Cancel[] = []
  readonly #told = new Set<Callbacks>()
  /** The last of each type that was logged: it has one line, however many handlers hear it. */
  readonly #logged = new Map<MessageType, string>()
  #last: ConnectionState

  /** Makes no connection: `connect()` does. */
  constructor(options: WebSocketClientOptions) {
    this.options = options
    this.#log = debugLog(options)
    this.#clock = options.ports?.clock ?? systemClock
    this.tidings = createClient({
      ...clientOptions(options),
      dial: dialFor(options),
      onError: (error) => this.#fail(error),
    })
    // Listening alone would dial, too.
    this.tidings.disconnect()
    this.#last = this.tidings.connection.get()
    this.#log(`${sourceOf(options)} client for ${options.url}`)
    this.#cancels.push(this.tidings.connection.subscribe(() => this.#moved(this.tidings.connection.get())))
    if (options.debug) this.#cancels.push(this.#logSent())
    this.#cancels.push(this.listen(options))
  }

  /** Tells one more of the connection and of messages, until the function that it returns is called. */
  listen(callbacks: Callbacks): Cancel {
    const { onMessage } = callbacks
    this.#told.add(callbacks)
    const cancels = onMessage
      ? messageTypes.map((type) =>
          this.on(type, (payload, { timestamp, messageId }) =>
            onMessage({ type, payload, timestamp, messageId }),
          ),
        )
      : []
    return () => {
      this.#told.delete(callbacks)
      for (const cancel of cancels) cancel()
    }
  }

  get status(): ConnectionState['status'] {
    return this.#last.status
  }

  /** Round trip of the last ping, in milliseconds. */
  get latency(): number | undefined {
    return this.#last.status === 'connected' ? this.#last.latencyMs : undefined
  }

  connect(): void {
    this.#log('connect()')
    this.tidings.connect()
  }

  /** Hangs up until `connect()` or `reconnect()`. */
  disconnect(): void {
    this.#log('disconnect()')
    this.tidings.disconnect()
  }

  /** Dials anew at once. */
  reconnect(): void {
    this.#log('reconnect()')
    this.tidings.reconnect()
  }

  /** Calls `handler` for each message of that type, until the function that it returns is called. */
  on<Type extends MessageType>(type: Type, handler: (payload: Payloads[Type], told: Told) => void): Cancel {
    const { userId = defaults.userId, debug } = this.options
    const channel = this.tidings.channel(channelFor[type](userId))
    return channel.on(type, (data: unknown, { at, id, origin, isReplay, position }) => {
      if (debug && this.#logged.get(type) !== id) this.#log(`received ${type} (${origin})`)
      this.#logged.set(type, id)
      // The contract has checked what arrives under this name.
      handler(data as Payloads[Type], { timestamp: at, messageId: id, origin, isReplay, position })
    })
  }

  /**
   * Sends, or queues what cannot be sent now. False where it is neither: the queue is full or off. Throws where the
   * payload is none of its type.
   */
  send<Type extends MessageType>(type: Type, payload: Payloads[Type]): boolean {
    const { userId = defaults.userId, enableQueue = defaults.enableQueue } = this.options
    if (!enableQueue && this.status !== 'connected') {
      this.#fail(
        new TidingsError('unavailable', `There is no connection, and no queue: ${type} was not sent.`),
      )
      return false
    }
    try {
      this.tidings.channel(channelFor[type](userId)).publish(type, payload)
      return true
    } catch (error) {
      if (!(error instanceof TidingsError) || error.code !== 'unavailable') throw error
      this.#fail(error)
      return false
    }
  }

  /** What waits for a connection, or for the server's word; the oldest first. */
  getQueuedMessages(): readonly Message[] {
    return this.tidings.outbox.get().map(
      ({ id, event, data }) =>
        // Only `send` has put them there, with a payload of their type.
        ({ type: event, payload: data, timestamp: timeOf(data), messageId: id }) as Message,
    )
  }

  /** Drops what was not sent yet; says how many. */
  clearQueue(): number {
    const dropped = this.tidings.outbox.clear()
    this.#log(`clearQueue(): ${dropped} dropped`)
    return dropped
  }

  /** Hangs up for good. */
  close(): void {
    for (const cancel of this.#cancels.splice(0)) cancel()
    this.tidings.close()
    this.#log('closed')
  }

  #moved(state: ConnectionState): void {
    const before = this.#last
    this.#last = state
    if (wordsOf(state, 0) !== wordsOf(before, 0)) this.#log(wordsOf(state, this.#clock.now()))
    if (before.status !== 'connected' && state.status === 'connected')
      this.#tell(({ onConnect }) => onConnect?.())
    if (before.status === 'connected' && state.status !== 'connected')
      this.#tell(({ onDisconnect }) => onDisconnect?.(state.reason))
    if (before.status !== 'error' && state.status === 'error')
      this.#tell(({ onError }) => onError?.(state.error))
  }

  #fail(error: TidingsError): void {
    this.#log(`${error.code}: ${error.message}`)
    this.#tell(({ onError }) => onError?.(error))
  }

  #tell(say: (callbacks: Callbacks) => void): void {
    for (const callbacks of [...this.#told]) say(callbacks)
  }

  #logSent(): Cancel {
    const seen = new WeakSet<object>()
    return this.tidings.outbox.subscribe(() => {
      for (const write of this.tidings.outbox.get()) {
        if (seen.has(write)) continue
        seen.add(write)
        this.#log(`queued ${write.event}`)
        write.status.subscribe(() => this.#log(`${write.status.get().name} ${write.event}`))
      }
    })
  }
}

function wordsOf(state: ConnectionState, now: number): string {
  const { status, reason, attempt, retryAt } = state
  const failed = attempt > 0 && status !== 'connected' ? `, ${attempt} failed` : ''
  const next = retryAt === undefined ? '' : `, next in ${retryAt - now} ms`
  const latency =
    status === 'connected' && state.latencyMs !== undefined ? `, round trip ${state.latencyMs} ms` : ''
  return `${status}: ${reason}${failed}${next}${latency}`
}

function timeOf(data: unknown): number {
  const { timestamp } = (data ?? {}) as { readonly timestamp?: unknown }
  return typeof timestamp === 'number' ? timestamp : 0
}
