// The server as a program: settings from the environment, the log in a SQLite file, pages beside it, signals. Whatever
// keeps it from starting is one sentence and exit code 1.

import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ChannelRef, type Contract, systemChance, systemClock, TidingsError } from '@tidings/core'
import type { Authenticate, Authorize } from './authority.ts'
import { sqliteBroker } from './brokers/sqlite.ts'
import type { CallHandlers } from './calls.ts'
import { keptApiKey, keyFile, openDataFolder } from './data-folder.ts'
import { createHttpServer } from './http-server.ts'
import type { Limits } from './limits.ts'
import { createLogger } from './log.ts'
import { pagesListener } from './pages.ts'
import { createServer, type TidingsServer } from './server.ts'
import { type Environment, readSettings, type Settings, StartFailure } from './settings.ts'

export type { TidingsServer } from './server.ts'

export interface RunOptions<C extends Contract> {
  readonly contract: C
  readonly authenticate: Authenticate
  /** Default: everything, for whoever was let in. */
  readonly authorize?: Authorize | undefined
  readonly calls?: CallHandlers<C> | undefined
  readonly limits?: Partial<Limits> | undefined
  /** Whether events that many read are compressed once for all of them, as `createServer` says it. Default: false. */
  readonly compression?: boolean | undefined
  /** Addresses or ranges of proxies whose `X-Forwarded-For` is believed. Default: none. */
  readonly trustedProxies?: readonly string[] | undefined
  /**
   * What the application answers by itself, asked before the pages: an HTTP API that publishes and reads states, say. Made
   * once; what it returns resolves false, and leaves the response alone, where a request is not its own.
   */
  readonly routes?: ((tidings: TidingsServer) => Route) | undefined
  /** A folder of built pages, from the current one or as a file URL. Default: none. */
  readonly pages?: string | URL | undefined
  /** Origins of other servers that these pages may talk to, as a content security policy has them. Default: none. */
  readonly connects?: readonly string[] | undefined
  /** What is printed once the server is ready: the page to open, and an event to publish by `curl`. */
  readonly example?: Example | undefined
  /** Default: `process.env`. */
  readonly env?: Environment | undefined
}

export type Route = (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>

export interface Example {
  /** Path of the page, such as `/hello`. */
  readonly page?: string | undefined
  readonly channel: ChannelRef
  readonly event: string
  readonly data: unknown
}

const LOOPBACK = ['localhost', '127.0.0.1', '::1']
/** A server that runs, as a program on this machine reaches it. */
export interface Running {
  readonly url: string
  /** Publishes and reads over HTTP. */
  readonly apiKey: string
}

/** A key that somebody chose, and that is shorter than this, may be guessed. */
const GUESSABLE = 16
/** What closing may take beyond the drain before the process ends regardless, in milliseconds. */
const PATIENCE_MS = 5_000
/** A terminal's Ctrl-C reaches the process twice when npm passes it on: the same signal so soon is the same press. */
const SAME_PRESS_MS = 500

/**
 * Runs until SIGTERM or SIGINT, then drains and exits with 0; a second signal exits at once. Resolves when the server
 * is ready. Settings: PORT, HOST, TIDINGS_DATA, TIDINGS_API_KEY, TIDINGS_METRICS_TOKEN, TIDINGS_ORIGINS, TIDINGS_DRAIN_MS, LOG_LEVEL.
 *
 * @example
 * await run({ contract, authenticate: anonymous(), pages: 'dist' })
 */
export async function run<C extends Contract>(options: RunOptions<C>): Promise<Running> {
  try {
    return await start(options)
  } catch (error) {
    if (!(error instanceof StartFailure || error instanceof TidingsError)) throw error
    process.stderr.write(`${error.message}\n`)
    return process.exit(1)
  }
}

async function start<C extends Contract>({
  pages,
  connects,
  routes,
  example,
  env = process.env,
  ...application
}: RunOptions<C>): Promise<Running> {
  const settings = readSettings(env)
  const folder = resolve(settings.dataFolder)
  const http = createHttpServer()
  const servePage =
    pages === undefined
      ? undefined
      : pagesListener(pages instanceof URL ? fileURLToPath(pages) : resolve(pages), connects)
  openDataFolder(folder)
  const apiKey = settings.apiKey ?? keptApiKey(folder, systemChance)
  const logger = createLogger(settings.logLevel)
  if (apiKey.length < GUESSABLE)
    logger.warn(`the API key is short enough to be guessed; use ${GUESSABLE} characters or more`)
  const broker = await sqliteBroker({
    file: resolve(folder, 'log.db'),
    report: (error) => server.reportFault('a listener of the log', error),
  })
  const { origins } = settings
  // On this machine alone the server has few names; a page that uses another one was led here.
  const isLocal = LOOPBACK.includes(settings.host)
  const hosts = isLocal ? [...LOOPBACK, '[::1]'] : undefined
  // There it is under development, with pages from a server of their own, until origins are named.
  const allowsLoopbackOrigins = isLocal && origins.length === 0
  const metrics = settings.metricsToken === undefined ? undefined : { token: settings.metricsToken }
  const server = createServer({
    ...application,
    ...{ broker, apiKeys: [{ key: apiKey }], origins, hosts, allowsLoopbackOrigins, logger, metrics },
  })
  const route = routes?.(server)
  if (route) http.on('request', routeBefore(route, servePage, server))
  else if (servePage) http.on('request', servePage)
  server.attach(http)
  await listen(http, settings)
  http.on('error', (error) => server.reportFault('accepting connections', error))
  // What nobody waited for is a fault of one request, not of all of them.
  process.on('unhandledRejection', (error) => server.reportFault('a promise that nobody handles', error))
  stopOnSignals(server, http, settings)
  const keyWord = settings.apiKey === undefined ? `$(cat ${quoted(keyFile(folder))})` : '$TIDINGS_API_KEY'
  process.stdout.write(greeting(http, settings, example, keyWord))
  return { url: addressOf(http, settings), apiKey }
}

function routeBefore(
  route: Route,
  servePage: RequestListener | undefined,
  server: TidingsServer,
): RequestListener {
  return async (request, response) => {
    try {
      if (await route(request, response)) return
      if (servePage) servePage(request, response)
      else response.writeHead(404, { 'content-length': 0 }).end()
    } catch (error) {
      server.reportFault('a route of the application', error)
      if (response.headersSent) response.destroy()
      else response.writeHead(500, { 'content-length': 0 }).end()
    }
  }
}

async function listen(http: Server, { port, host }: Settings): Promise<void> {
  try {
    await new Promise<void>((ready, failed) => {
      http.once('error', failed)
      http.listen(port, host, () => {
        http.off('error', failed)
        ready()
      })
    })
  } catch (cause) {
    throw new StartFailure(listenProblem(cause as NodeJS.ErrnoException, port, host), { cause })
  }
}

function listenProblem({ code, message }: NodeJS.ErrnoException, port: number, host: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} of ${host} is in use by another program; stop that one, or set PORT to another number (0 takes any free port).`
    case 'EACCES':
      return `Port ${port} needs rights that this user does not have; set PORT to a number above 1023.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `HOST is "${host}", which is no address of this machine; use 127.0.0.1 for this machine alone, or 0.0.0.0 for all networks.`
    default:
      return `The server could not listen on ${host}, port ${port}: ${message}.`
  }
}

function stopOnSignals(server: TidingsServer, http: Server, { drainMs }: Settings): void {
  let stoppingSince: number | undefined
  const onSignal = () => {
    if (stoppingSince !== undefined) {
      if (systemClock.monotonic() - stoppingSince >= SAME_PRESS_MS) process.exit(1)
      return
    }
    stoppingSince = systemClock.monotonic()
    process.stdout.write('\nStopping: clients are told to come back. Once more stops at once.\n')
    systemClock.setTimer(drainMs + PATIENCE_MS, () => process.exit(1))
    server.close({ drainMs }).then(
      () => {
        http.close(() => process.exit(0))
        http.closeAllConnections()
      },
      (error) => {
        process.stderr.write(
          `The log could not be closed: ${error instanceof Error ? error.message : String(error)}\n`,
        )
        process.exit(1)
      },
    )
  }
  // Whoever read the output may be gone (`| head`): that stops nothing.
  process.stdout.on('error', () => {})
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}

function addressOf(http: Server, { host }: Settings): string {
  const { port } = http.address() as AddressInfo
  const isHere = [...LOOPBACK, '0.0.0.0', '::'].includes(host)
  return `http://${isHere ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}`
}

function greeting(http: Server, settings: Settings, example: Example | undefined, keyWord: string): string {
  const address = addressOf(http, settings)
  if (!example) return `Ready at ${address}\n`
  const events = `${address}/v1/channels/${encodeURIComponent(example.channel.name)}/events`
  const body = JSON.stringify({ type: example.event, data: example.data })
  const curl = `curl ${events} -H "Authorization: Bearer ${keyWord}" -H 'Content-Type: application/json' -d ${quoted(body)}`
  return `Ready at ${address}${example.page ?? ''}\n\nPublish an event from another terminal:\n\n${curl}\n\n`
}

/** As one word of a shell. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
