// What happens, counted for Prometheus by `prom-client`. Labels come from closed sets: no channel, user or text from
// outside ever becomes one, so the number of series is bounded.

import { codeOfClose } from '@tidings/core'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { MetricsText } from './http/health.ts'
import type { Census } from './hub.ts'
import type { Happening, Observe } from './observe.ts'

export interface MetricsOptions {
  /** What there is at this moment: asked for when somebody reads the metrics. */
  readonly census: () => Census
  readonly streams: () => number
  readonly brokerProblem: () => string | undefined
}

export interface Metrics {
  readonly observe: Observe
  text(): Promise<MetricsText>
}

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export function createMetrics({ census, streams, brokerProblem }: MetricsOptions): Metrics {
  const registers = [new Registry()]
  const counter = <Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
  ) => new Counter({ name: `tidings_${name}_total`, help, labelNames, registers })
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `tidings_${name}`,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  const histogram = (name: string, help: string) =>
    new Histogram({ name: `tidings_${name}_seconds`, help, buckets: SECONDS, registers })

  // Counted once for all gauges that one reading shows.
  let counted = census()
  gauge('connections', 'WebSocket connections that are open.', () => counted.connections)
  gauge('lanes', 'Sessions that share a WebSocket connection with others, as tabs do.', () => counted.lanes)
  gauge('event_streams', 'Streams over HTTP that are open.', streams)
  gauge('channels', 'Channels that are open on this node.', () => counted.channels)
  gauge('subscriptions_live', 'Cursors at the head of their channel.', () => counted.live)
  gauge('subscriptions_catching_up', 'Cursors behind the head of their channel.', () => counted.catchingUp)
  gauge('present_members', 'Members present in the channels of this node.', () => counted.present)
  gauge('broker_up', '1 while the log can be reached and written, else 0.', () =>
    brokerProblem() === undefined ? 1 : 0,
  )

  const opened = counter('connections_opened', 'WebSocket connections accepted.')
  const closed = counter('connections_closed', 'WebSocket connections ended, by close code.', ['code'])
  const lanesClosed = counter('lanes_closed', 'Sessions on a shared connection ended, by close code.', [
    'code',
  ])
  const welcome = histogram('welcome', 'Time from a connection to its welcome.')
  const refused = counter('refusals', 'Requests refused, by what was asked and by error code.', [
    'what',
    'code',
  ])
  const verdicts = counter('verdicts', 'Subscriptions answered, by verdict.', ['verdict'])
  const appended = counter('entries_appended', 'Entries that the log has accepted from this node.')
  const duplicates = counter('duplicates', 'Publishes that the log had already.')
  const publish = histogram('publish', 'Time from a valid publish to its place in the log.')
  const delivered = counter('entries_delivered', 'Entries written to readers.')
  const bytes = counter('broadcast_characters', 'UTF-16 units of live frames written to readers.')
  const replayed = counter('entries_replayed', 'Entries read back for a reader, by where they were found.', [
    'source',
  ])
  const fellBehind = counter('fell_behind', 'Live cursors whose reader was too slow.')
  const caughtUp = counter('caught_up', 'Cursors that reached the head.')
  const resets = counter('resets', 'Readers told that history is missing, by reason.', ['reason'])
  const skipped = counter('entries_skipped', 'Entries that a fold could not take in.')
  const presence = counter('presence_changes', 'Members that came or left.', ['kind'])
  const signals = counter('signals', 'Signals sent on.')
  const call = histogram('call', 'Time that a call’s handler took.')
  const failedCalls = counter('calls_failed', 'Calls that were answered by an error.')
  const faults = counter('faults', 'Faults of the server or of the application’s own functions.')

  const observe = (happening: Happening): void => {
    switch (happening.name) {
      case 'connectionOpened':
        return opened.inc()
      case 'connectionClosed':
        return closed.inc({ code: closeLabel(happening.code) })
      case 'laneOpened':
        return
      case 'laneClosed':
        return lanesClosed.inc({ code: closeLabel(happening.code) })
      case 'welcomed':
        return welcome.observe(happening.tookMs / 1_000)
      case 'refused':
        return refused.inc({ what: happening.what, code: happening.code })
      case 'subscribed':
        return verdicts.inc({ verdict: happening.verdict })
      case 'unsubscribed':
        return
      case 'appended':
        publish.observe(happening.tookMs / 1_000)
        return happening.isDuplicate ? duplicates.inc() : appended.inc(happening.entries)
      case 'broadcast':
        delivered.inc(happening.entries * happening.readers)
        return bytes.inc(happening.length * happening.readers)
      case 'replayed':
        delivered.inc(happening.entries)
        return replayed.inc({ source: happening.source }, happening.entries)
      case 'fellBehind':
        return fellBehind.inc()
      case 'caughtUp':
        return caughtUp.inc()
      case 'reset':
        return resets.inc({ reason: happening.reason })
      case 'skipped':
        return skipped.inc()
      case 'presenceChanged':
        presence.inc({ kind: 'joined' }, happening.joined)
        return presence.inc({ kind: 'left' }, happening.left)
      case 'signalled':
        return signals.inc()
      case 'called':
        if (happening.isFailed) failedCalls.inc()
        return call.observe(happening.tookMs / 1_000)
      case 'fault':
        return faults.inc()
    }
  }

  return {
    observe,
    async text() {
      counted = census()
      const [registry] = registers as [Registry]
      return {
        contentType: registry.contentType,
        text: `${await registry.metrics()}${await processRegistry().metrics()}`,
      }
    },
  }
}

/** A client may close with any code from 3000 to 4999: only those that mean something are told apart. */
function closeLabel(code: number): string {
  return codeOfClose(code) !== undefined || (code >= 1_000 && code <= 1_015) ? String(code) : 'other'
}

let ofProcess: Registry | undefined

/** Memory, event-loop lag and the like belong to the process, however many servers run in it. */
function processRegistry(): Registry {
  if (ofProcess) return ofProcess
  ofProcess = new Registry()
  collectDefaultMetrics({ register: ofProcess })
  return ofProcess
}
