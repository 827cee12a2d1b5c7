import { fileURLToPath } from 'node:url'
import { systemChance, systemClock } from '@tidings/core'
import { describe, expect, it } from 'vitest'
import { readInput } from '../src/command.ts'
import { mock } from '../src/commands/mock.ts'
import type { Io } from '../src/io.ts'
import { newFolder, Tidings, tidings, until } from './tidings.ts'

const file = fileURLToPath(new URL('fixtures/mocked.ts', import.meta.url))

/** The command in this process, with a keyboard. */
async function start(...args: readonly string[]) {
  const stop = new AbortController()
  const [lines, notes] = [[] as string[], [] as string[]]
  let press = (_key: string) => {}
  const io: Io = {
    env: {},
    print: async (line) => void lines.push(line),
    note: (line) => void notes.push(line),
    readInput: async () => '',
    stop: stop.signal,
    keys: (listener) => {
      press = listener
    },
    clock: systemClock,
    chance: systemChance,
  }
  const done = mock.run(readInput(mock, [file, '--port', '0', ...args]), io)
  await until('it is ready', () => lines.length === 2)
  const url = lines[0]?.replace('Mock ready at ', '') as string
  const lasting = async () => (await (await fetch(`${url}/mock`)).json()).lasting
  return { url, notes, done, lasting, press: (key: string) => press(key), stop: () => stop.abort() }
}

describe('tidings mock', () => {
  it('serves invented data that other commands can read, and ends when it is told to', async () => {
    const server = new Tidings(['mock', file, '--port', '0', '--every', '1', '--history', '3'])
    await until('it is ready', () => server.stdout.includes('http://'))
    const url = /http:\/\/\S+/.exec(server.stdout)?.[0] as string
    const env = { TIDINGS_URL: url }
    const past = await (await fetch(`${url}/v1/channels/notes%2Fa/events`)).json()
    expect(past.entries.map(({ data }: { data: { text: string } }) => data.text[0])).toEqual(['0', '1', '2'])
    const tail = new Tidings(['tail', 'notes/a', '--url', url], { env })
    await until('something happens', () => tail.entries.length > 0)
    expect(tail.entries[0]).toMatchObject({ event: 'added', offset: 4 })
    expect(await server.end('SIGTERM')).toBe(0)
  })

  it('has faults by flag, by key and over HTTP', async () => {
    const { url, press, lasting, notes, stop, done } = await start('--faults', 'slow, read-only')
    expect(await lasting()).toEqual(['slow', 'read-only'])
    press('s')
    press('o')
    press('?')
    expect(await lasting()).toEqual(['read-only', 'offline'])
    await expect(fetch(`${url}/healthz`)).rejects.toThrow()
    press('x')
    press('d')
    await fetch(`${url}/mock/faults/flaky`, { method: 'POST' })
    expect(await lasting()).toEqual(['flaky'])
    expect(notes).toEqual([
      'ended: slow; lasting: read-only',
      'offline; lasting: read-only, offline',
      'back to normal; lasting: none',
      'drop; lasting: none',
    ])
    stop()
    await done
    await expect(fetch(`${url}/mock`)).rejects.toThrow()
  })

  it('ends by q and by Ctrl-C, which a raw terminal hands on', async () => {
    for (const key of ['q', '\u0003']) {
      const { press, done } = await start()
      press(key)
      await done
    }
  })

  it('says which port is taken', async () => {
    const { url, stop, done } = await start()
    const folder = newFolder()
    const { code, stderr } = await tidings(['mock', file, '--port', new URL(url).port], { folder })
    expect(code).toBe(1)
    expect(stderr).toContain(new URL(url).port)
    stop()
    await done
  })
})
