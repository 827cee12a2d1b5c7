// Each step of a client as a line: in the console, and for the page that shows them.

import { defaults, sourceOf, type WebSocketClientOptions } from './options.ts'

export type DebugLog = (line: string) => void

const silent: DebugLog = () => {}

export function debugLog(options: WebSocketClientOptions): DebugLog {
  const { debug = defaults.debug, ports: { log = console.debug } = {} } = options
  return debug ? (line) => log(`[biology-academy ${sourceOf(options)}] ${line}`) : silent
}
