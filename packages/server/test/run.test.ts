// The server as a program: its settings, its folder, its signals, in a process of its own.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer, get, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

const app = fileURLToPath(new URL('./run-app.ts', import.meta.url))

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-run-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

class Program {
  readonly folder: string
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  output = ''
  errors = ''

  constructor(env: Readonly<Record<string, string>> = {}) {
    this.folder = env.TIDINGS_DATA ?? join(temporaryFolder(), 'data')
    this.child = spawn(process.execPath, ['--conditions=@tidings/source', app], {
      env: {
        PATH: process.env.PATH ?? '',
        PORT: '0',
        TIDINGS_DATA: this.folder,
        TIDINGS_DRAIN_MS: '300',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child.stdout?.on('data', (chunk) => {
      this.output += chunk
    })
    this.child.stderr?.on('data', (chunk) => {
      this.errors += chunk
    })
    this.ended = once(this.child, 'close').then(() => this.child.exitCode)
    onTestFinished(async () => {
      this.child.kill('SIGKILL')
      await this.ended
    })
  }

  static async ready(env: Readonly<Record<string, string>> = {}): Promise<Program> {
    const program = new Program(env)
    await Promise.race([
      new Promise<void>((resolve) =>
        program.child.stdout?.on('data', () => program.output.includes('Ready at') && resolve()),
      ),
      program.ended.then(() => Promise.reject(new Error(`It did not start: ${program.errors}`))),
    ])
    return program
  }

  get url(): string {
    return /http:\/\/localhost:\d+/.exec(this.output)?.[0] ?? ''
  }

  get key(): string {
    return readFileSync(join(this.folder, 'api-key'), 'utf8').trim()
  }

  publish(text: string): Promise<Response> {
    return fetch(`${this.url}/v1/channels/note%2Flobby/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'said', data: { text } }),
    })
  }

  async texts(): Promise<string[]> {
    const response = await fetch(`${this.url}/v1/channels/note%2Flobby/events`, {
      headers: { authorization: `Bearer ${this.key}` },
    })
    const { entries } = (await response.json()) as { entries: { data: { text: string } }[] }
    return entries.map(({ data }) => data.text)
  }
}

/** What it says when it does not start: one sentence, no stack, exit code 1. */
async function refusal(env: Readonly<Record<string, string>>): Promise<string> {
  const program = new Program(env)
  expect(await program.ended).toBe(1)
  expect(program.output).toBe('')
  expect(program.errors).not.toMatch(/\n\s+at |node:internal/)
  expect(program.errors.trim().split('\n')).toHaveLength(1)
  return program.errors
}

describe('a start', () => {
  it('prints the address, and a curl line that works as it is', async () => {
    const program = await Program.ready()
    expect(program.output).toMatch(/^Ready at http:\/\/localhost:\d+\/notes\n/)
    const curl = program.output.split('\n').find((line) => line.startsWith('curl ')) ?? ''
    const answer = await new Promise<string>((resolve) =>
      execFile('bash', ['-c', `${curl} -s`], (_error, stdout) => resolve(stdout)),
    )
    expect(JSON.parse(answer)).toMatchObject({ firstOffset: 1, count: 1 })
    expect(await program.texts()).toEqual(["It's a test"])
  })

  it('makes a key that its owner alone can read, and keeps it and the log across starts', async () => {
    const first = await Program.ready()
    const { key, folder } = first
    expect(key).toMatch(/^[0-9A-Za-z]{22}$/)
    expect(statSync(join(folder, 'api-key')).mode & 0o777).toBe(0o600)
    expect((await first.publish('kept')).status).toBe(201)
    first.child.kill('SIGTERM')
    expect(await first.ended).toBe(0)
    const second = await Program.ready({ TIDINGS_DATA: folder })
    expect(second.key).toBe(key)
    expect(await second.texts()).toEqual(['kept'])
  })

  it('takes the key of the environment, and then keeps none', async () => {
    const program = await Program.ready({ TIDINGS_API_KEY: 'chosen-by-hand' })
    expect(program.output).toContain('Bearer $TIDINGS_API_KEY')
    expect(existsSync(join(program.folder, 'api-key'))).toBe(false)
    const headers = { authorization: 'Bearer chosen-by-hand' }
    expect((await fetch(`${program.url}/v1/channels/note%2Flobby/events`, { headers })).status).toBe(200)
    expect(program.errors).toContain('short enough to be guessed')
  })

  it('serves pages and their routes, and nothing beside them', async () => {
    const pages = temporaryFolder()
    mkdirSync(join(pages, 'hello'))
    mkdirSync(join(pages, 'assets'))
    writeFileSync(join(pages, 'index.html'), 'the start page')
    writeFileSync(join(pages, 'hello/index.html'), 'the hello page')
    writeFileSync(join(pages, 'assets/a-1.js'), 'code')
    const { url } = await Program.ready({ TEST_PAGES: pages })
    const get = async (path: string, accept = 'text/html') => {
      const response = await fetch(`${url}${path}`, { headers: { accept } })
      return { status: response.status, text: await response.text(), headers: response.headers }
    }
    expect(await get('/')).toMatchObject({ status: 200, text: 'the start page' })
    expect(await get('/hello')).toMatchObject({ status: 200, text: 'the hello page' })
    expect(await get('/hello/room/7?x=1')).toMatchObject({ status: 200, text: 'the hello page' })
    expect(await get('/other')).toMatchObject({ status: 200, text: 'the start page' })
    expect((await get('/hello/missing.js')).status).toBe(404)
    expect((await get('/hello/room', 'application/json')).status).toBe(404)
    expect(await get('/%2e%2e/%2e%2e/etc/passwd', '*/*')).toMatchObject({ text: 'the start page' })
    expect((await get('/v1/nothing')).headers.get('content-type')).toBe('application/problem+json')
    expect((await get('/')).headers.get('content-security-policy')).toContain("default-src 'self'")
    expect((await get('/')).headers.get('cache-control')).toBe('no-cache')
    expect((await get('/assets/a-1.js')).headers.get('cache-control')).toContain('immutable')
    expect(await get('/api/notes')).toMatchObject({ status: 200, text: 'the notes' })
    expect((await get('/api/broken')).status).toBe(500)
    expect((await fetch(url, { method: 'POST' })).status).toBe(405)
  })

  it('gives the page of a route to whoever takes anything, and a missing file to nobody', async () => {
    const pages = temporaryFolder()
    writeFileSync(join(pages, 'index.html'), 'the start page')
    writeFileSync(join(pages, 'hello.html'), 'the hello page')
    const { url } = await Program.ready({ TEST_PAGES: pages })
    // Not by fetch(), which adds headers of its own.
    const get = async (path: string, headers: OutgoingHttpHeaders) => {
      const [response] = (await once(request(`${url}${path}`, { headers }).end(), 'response')) as [
        IncomingMessage,
      ]
      return `${response.statusCode} ${await text(response)}`.trim()
    }
    const missing = '404 There is nothing here.'
    for (const headers of [{}, { accept: '*/*' }, { accept: 'text/html,*/*;q=0.8' }]) {
      expect(await get('/hello/lobby', headers)).toBe('200 the hello page')
      expect(await get('/hello/release-2.4', headers)).toBe('200 the hello page')
      expect(await get('/hello/ada.lovelace?tab=1', headers)).toBe('200 the hello page')
      expect(await get('/hello/missing.js', headers)).toBe(missing)
      expect(await get('/missing.webp', headers)).toBe(missing)
      expect(await get('/assets/missing', headers)).toBe(missing)
    }
    expect(await get('/hello/lobby', { accept: '*/*', 'sec-fetch-dest': 'script' })).toBe(missing)
    expect(await get('/hello/lobby', { accept: 'application/json, */*' })).toBe(missing)
    expect(await get('/hello/lobby', { accept: 'image/png' })).toBe(missing)
  })

  it('lets pages talk to the other servers that are named, and to no others', async () => {
    const pages = temporaryFolder()
    writeFileSync(join(pages, 'index.html'), 'the start page')
    const { url } = await Program.ready({ TEST_PAGES: pages, TEST_CONNECTS: 'ws://localhost:4100' })
    const policy = (await fetch(url)).headers.get('content-security-policy')
    expect(policy).toContain("connect-src 'self' ws://localhost:4100;")
  })

  it('tells the program around it where it is, and with which key to publish', async () => {
    const { url, key } = await Program.ready({ TEST_OWN_EVENT: 'from the program itself' })
    const address = `${url}/v1/channels/note%2Flobby/events`
    const read = async () => (await fetch(address, { headers: { authorization: `Bearer ${key}` } })).text()
    await expect.poll(read).toContain('from the program itself')
  })

  it('[AU2] on this machine alone, answers to no name that is not this machine’s', async () => {
    const { url, key } = await Program.ready({ TIDINGS_ORIGINS: 'https://app.example.com' })
    const status = (host: string) =>
      new Promise<number | undefined>((resolve) => {
        const headers = { host, authorization: `Bearer ${key}` }
        get(`${url}/v1/channels/note%2Flobby/events`, { headers }, (response) =>
          resolve(response.resume().statusCode),
        )
      })
    expect(await status('localhost')).toBe(200)
    expect(await status('app.example.com')).toBe(200)
    expect(await status('evil.example:4000')).toBe(403)
  })

  it('[AU2] on this machine alone, lets in the pages of a development server, until origins are named', async () => {
    const statuses = async (env: Readonly<Record<string, string>>) => {
      const { url, key } = await Program.ready(env)
      const address = `${url}/v1/channels/note%2Flobby/events`
      const status = async (origin: string) =>
        (await fetch(address, { headers: { origin, authorization: `Bearer ${key}` } })).status
      return [await status('http://localhost:5173'), await status('https://app.example.com')]
    }
    expect(await statuses({})).toEqual([200, 403])
    expect(await statuses({ TIDINGS_ORIGINS: 'https://app.example.com' })).toEqual([403, 200])
    expect(await statuses({ HOST: '0.0.0.0' })).toEqual([403, 403])
  })

  it('survives a promise that nobody handles, says so, and counts it', async () => {
    const program = await Program.ready({ TEST_REJECTION: '1' })
    expect((await fetch(`${program.url}/healthz`)).status).toBe(200)
    expect(await (await fetch(`${program.url}/metrics`)).text()).toContain('tidings_faults_total 1')
    expect(program.errors).toContain('nobody waits for this')
  })
})

describe('a wrong setting stops the start with a sentence', () => {
  it('when it is not what it should be', async () => {
    const [port, name, address] = await Promise.all([
      refusal({ PORT: 'http' }),
      refusal({ HOST: 'no.such.host.invalid' }),
      refusal({ HOST: '203.0.113.7' }),
    ])
    expect(port).toBe('PORT is "http"; it must be a whole number from 0 to 65535 (0 takes any free port).\n')
    expect(name).toContain('which is no address of this machine; use 127.0.0.1')
    expect(address).toContain('which is no address of this machine')
  })

  it('when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    onTestFinished(() => void other.close())
    const { port } = other.address() as AddressInfo
    const sentence = `Port ${port} of 127.0.0.1 is in use by another program; stop that one, or set PORT`
    expect(await refusal({ PORT: String(port) })).toContain(sentence)
  })

  it('when the folder is a file, or cannot be written', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    const refusals = await Promise.all(
      [file, join(file, 'below'), '/proc/tidings'].map((path) => refusal({ TIDINGS_DATA: path })),
    )
    for (const sentence of refusals)
      expect(sentence).toContain('set TIDINGS_DATA to a folder that you may write to')
    expect(refusals[0]).toContain(`${file} is not a folder`)
    expect(refusals[1]).toContain('is not a folder')
  })

  it('when the kept key is broken, or open to others', async () => {
    const [broken, open] = [temporaryFolder(), temporaryFolder()]
    writeFileSync(join(broken, 'api-key'), '\n', { mode: 0o600 })
    writeFileSync(join(open, 'api-key'), 'a-good-key\n')
    chmodSync(join(open, 'api-key'), 0o644)
    const [ofBroken, ofOpen] = await Promise.all(
      [broken, open].map((folder) => refusal({ TIDINGS_DATA: folder })),
    )
    expect(ofBroken).toContain('Delete the file, and a new key is made.')
    expect(ofOpen).toContain(`run: chmod 600 ${join(open, 'api-key')}`)
  })

  it('when the log is not a database, or belongs to another process', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'log.db'), 'long enough to be looked at as if it were a database '.repeat(50))
    const owner = await Program.ready()
    const [ofFolder, ofOwner] = await Promise.all([
      refusal({ TIDINGS_DATA: folder }),
      refusal({ TIDINGS_DATA: owner.folder }),
    ])
    expect(ofFolder).toContain('is not a SQLite database')
    expect(ofOwner).toContain('is already open, most likely in another process')
    expect((await owner.publish('still there')).status).toBe(201)
  })

  it('when there are no pages', async () => {
    expect(await refusal({ TEST_PAGES: temporaryFolder() })).toContain('build them first')
  })
})

describe('a signal', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    '[CN9] %s drains and exits with 0 before its patience ends',
    async (signal) => {
      const program = await Program.ready()
      const socket = new WebSocket(`${program.url.replace('http', 'ws')}/v1/socket`, 'tidings.v1.json')
      let heard = ''
      socket.on('message', (data) => {
        heard += data.toString()
      })
      const closed = new Promise<number>((resolve) => socket.on('close', resolve))
      await once(socket, 'open')
      socket.send('{"type":"hello","producer":"p"}')
      await once(socket, 'message')
      expect((await program.publish('before')).status).toBe(201)
      program.child.kill(signal)
      expect(await program.ended).toBe(0)
      expect(program.output).toContain('Stopping')
      expect(heard).toContain('"drain"')
      expect(await closed).toBe(4503)
      expect(program.errors).toBe('')
    },
  )

  it('twice at once is one press of Ctrl-C, passed on by npm', async () => {
    const program = await Program.ready()
    program.child.kill('SIGINT')
    program.child.kill('SIGINT')
    expect(await program.ended).toBe(0)
  })

  it('again, later, exits at once', async () => {
    const program = await Program.ready({ TIDINGS_DRAIN_MS: '60000' })
    const socket = new WebSocket(`${program.url.replace('http', 'ws')}/v1/socket`, 'tidings.v1.json')
    socket.on('error', () => {})
    await once(socket, 'open')
    socket.send('{"type":"hello","producer":"p"}')
    await once(socket, 'message')
    program.child.kill('SIGTERM')
    await once(socket, 'message')
    const again = setInterval(() => program.child.kill('SIGTERM'), 100)
    onTestFinished(() => clearInterval(again))
    expect(await program.ended).toBe(1)
  })
})
