// Following a channel with nothing but curl.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { root, Site, until } from './site.ts'

let site: Site
beforeEach(async () => {
  // Hello's own server, as README shows it.
  site = await Site.start({
    serverFile: join(root, 'examples/hello/server.ts'),
    folder: join(root, 'examples/site'),
  })
})
afterEach(async () => {
  await site?.stop()
})

const say = (text: string) => site.publish('lobby', 'Backend', text)

/** What curl prints, as it prints it. */
class Curl {
  readonly #child: ChildProcess
  readonly ended: Promise<unknown>
  output = ''

  constructor(...args: readonly string[]) {
    const key = `Authorization: Bearer ${site.apiKey}`
    this.#child = spawn(
      'curl',
      ['-sN', site.addressOf('lobby'), '-H', 'Accept: text/event-stream', '-H', key, ...args],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
    this.#child.stdout?.on('data', (chunk) => {
      this.output += chunk
    })
    this.ended = once(this.#child, 'exit')
  }

  get ids(): string[] {
    return [...this.output.matchAll(/^id: ?(.+)$/gm)].map(([, id = '']) => id)
  }

  get texts(): string[] {
    return [...this.output.matchAll(/^data: ?(.+)$/gm)].map(([, data = '']) => JSON.parse(data).data.text)
  }

  close(): void {
    this.#child.kill()
  }
}

it('[HT6] curl follows a channel, and Last-Event-ID resumes after a restart without a hole', async () => {
  const before = new Curl()
  await until('the stream is open', () => before.output !== '')
  await say('one')
  await say('two')
  await until('two events came', () => before.texts.length === 2)
  expect(before.texts).toEqual(['one', 'two'])

  const lastId = before.ids.at(-1) ?? ''
  await site.kill()
  await before.ended
  await site.start()
  await say('three')

  const after = new Curl('-H', `Last-Event-ID: ${lastId}`)
  await until('what was missed came', () => after.texts.length === 1)
  await say('four')
  await until('what is new came', () => after.texts.length === 2)
  expect(after.texts).toEqual(['three', 'four'])
  expect(after.output).not.toContain('event: reset')
  after.close()
})
