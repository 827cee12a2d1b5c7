import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { newFolder, serve, Tidings, tidings, until } from './tidings.ts'

describe('tidings publish', () => {
  it('prints the position once the log has the event, with the key that the folder keeps', async () => {
    const folder = newFolder()
    const { url } = await serve(folder)
    const { code, stdout } = await tidings(
      ['publish', 'notes/a', 'added', '{"text":"hello"}', '--url', url],
      { folder },
    )
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({ position: expect.stringMatching(/^\w+:1:\w+$/), duplicate: false })
  })

  it('reads the event from standard input', async () => {
    const folder = newFolder()
    const { url } = await serve(folder)
    const args = ['publish', 'notes/a', 'added', '-', '--url', url]
    expect((await tidings(args, { folder, input: '{"text": "piped"}\n' })).code).toBe(0)
    const bad = await tidings(args, { folder, input: '{"text": ' })
    expect(bad.code).toBe(2)
    expect(bad.stderr).toContain('Standard input is not JSON')
  })

  it('[HT3] appends once, however often the same idempotency key is used, and refuses it for another body', async () => {
    const folder = newFolder()
    const { url } = await serve(folder)
    const publish = (text: string) =>
      tidings(
        ['publish', 'notes/a', 'added', JSON.stringify({ text }), '--url', url, '--idempotency-key', 'k1'],
        { folder },
      )
    const first = JSON.parse((await publish('once')).stdout)
    expect(JSON.parse((await publish('once')).stdout)).toEqual({ position: first.position, duplicate: true })
    const other = await publish('twice')
    expect(other.code).toBe(1)
    expect(other.stderr).toContain('(conflict)')
  })

  it('waits for a server that is away, and gives up when its time is over', async () => {
    const folder = newFolder()
    const { server, url, port } = await serve(folder)
    await server.end('SIGKILL')
    const args = ['publish', 'notes/a', 'added', '{"text":"patient"}', '--url', url]

    const hasty = await tidings([...args, '--timeout', '0'], { folder })
    expect(hasty.code).toBe(1)
    expect(hasty.stderr).toContain('nothing listens there')
    expect(hasty.stderr).toContain('say with --url where it is')

    const patient = new Tidings(args, { folder })
    await until('it says that it waits', () => patient.stderr.includes('Trying again'))
    await serve(folder, port)
    expect(await patient.exitCode).toBe(0)
    expect(patient.entries).toEqual([{ position: expect.stringMatching(/:1:/), duplicate: false }])
  })

  it.each([
    ['a wrong key', ['notes/a', 'added', '{"text":"x"}', '--key', 'wrong'], 'unauthenticated'],
    ['data that the contract refuses', ['notes/a', 'added', '{"text":1}'], 'data.text'],
    ['an event that the contract does not have', ['notes/a', 'removed', '{}'], 'unknown-event'],
    ['a channel that the contract does not have', ['boards/a', 'added', '{}'], 'unknown-channel'],
  ])('does not try again with %s, and says what is wrong and what to do', async (_, args, word) => {
    const folder = newFolder()
    const { url } = await serve(folder)
    const { code, stdout, stderr } = await tidings(['publish', ...args, '--url', url], { folder })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(word)
    expect(stderr.trim().split('\n')).toHaveLength(2)
  })

  it('names the server that does not know the key: it may not be the one that was meant', async () => {
    const folder = newFolder()
    const { url } = await serve(folder)
    const args = ['publish', 'notes/a', 'added', '{"text":"x"}', '--key', 'wrong', '--url', url]
    expect((await tidings(args, { folder })).stderr).toContain(url)
  })

  it('does not take another program at the address for a server', async () => {
    const other = createServer((_, response) => response.end('<h1>It works</h1>')).listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const { code, stderr } = await tidings([
      'publish',
      'notes/a',
      'added',
      '1',
      '--url',
      `http://127.0.0.1:${port}`,
    ])
    other.close()
    expect(code).toBe(1)
    expect(stderr).toContain('not a Tidings server')
  })
})
