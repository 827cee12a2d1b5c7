import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { newFolder, serve, Tidings, tidings, until } from './tidings.ts'

const textsOf = (tail: Tidings) => tail.entries.map(({ data }) => (data as { text: string }).text)

async function publish(folder: string, url: string, ...texts: readonly string[]): Promise<string> {
  let position = ''
  for (const text of texts) {
    const args = ['publish', 'notes/a', 'added', JSON.stringify({ text }), '--url', url]
    const { stdout, stderr } = await tidings(args, { folder })
    expect(stderr).toBe('')
    position = JSON.parse(stdout).position
  }
  return position
}

describe('tidings tail', () => {
  it('prints each event as a line with its position, from the start or from a position', async () => {
    const folder = newFolder()
    const { url } = await serve(folder)
    const first = await publish(folder, url, 'one')
    await publish(folder, url, 'two')

    const tail = new Tidings(['tail', 'notes/a', '--after', 'start', '--url', url], { folder })
    await until('both are printed', () => tail.entries.length === 2)
    expect(tail.entries[0]).toMatchObject({
      position: first,
      offset: 1,
      event: 'added',
      data: { text: 'one' },
    })
    expect(textsOf(tail)).toEqual(['one', 'two'])

    const later = new Tidings(['tail', 'notes/a', '--after', first, '--url', url], { folder })
    await until('the rest is printed', () => later.entries.length === 1)
    expect(textsOf(later)).toEqual(['two'])
    expect(await later.end('SIGINT')).toBe(0)
  })

  it('goes on after crashes of the server, each event once', async () => {
    const folder = newFolder()
    const { server, url, port } = await serve(folder)
    const tail = new Tidings(['tail', 'notes/a', '--after', 'start', '--url', url], { folder })
    await publish(folder, url, 'before')
    await until('it follows', () => tail.entries.length === 1)
    await server.end('SIGKILL')
    await until('it says that it waits', () => tail.stderr.includes('Trying again'))
    await serve(folder, port)
    await publish(folder, url, 'after')
    await until('it goes on', () => tail.entries.length >= 2)
    expect(textsOf(tail)).toEqual(['before', 'after'])
  })

  it('keeps its position in a file, and goes on from there the next time', async () => {
    const folder = newFolder()
    const { url } = await serve(folder)
    const file = join(folder, 'position')
    const args = ['tail', 'notes/a', '--url', url, '--save-position', file]
    const position = await publish(folder, url, 'one')
    const first = new Tidings([...args, '--after', 'start'], { folder })
    await until('it is printed', () => first.entries.length === 1)
    await first.end('SIGTERM')
    expect(readFileSync(file, 'utf8')).toBe(`${position}\n`)

    await publish(folder, url, 'two', 'three')
    const second = new Tidings(args, { folder })
    await until('what was missed is printed', () => second.entries.length === 2)
    expect(textsOf(second)).toEqual(['two', 'three'])
  })

  it('[SB4] says where history is gone, and goes on from there', async () => {
    const folder = newFolder()
    const { url } = await serve(folder)
    await publish(folder, url, 'one')
    const tail = new Tidings(['tail', 'notes/a', '--after', 'anotherepoch:7:tag', '--url', url], { folder })
    await until('the reset is printed', () => tail.entries.length === 1)
    expect(tail.entries[0]).toEqual({ reset: 'epoch', position: expect.stringMatching(/:1:/) })
    await publish(folder, url, 'two')
    await until('it goes on', () => tail.entries.length === 2)
    expect(tail.entries[1]).toMatchObject({ data: { text: 'two' } })
  })

  it('does not begin where a file holds no position, and says what to do', async () => {
    const folder = newFolder()
    const file = join(folder, 'position')
    writeFileSync(file, 'something else')
    const { code, stderr } = await tidings(['tail', 'notes/a', '--save-position', file], { folder })
    expect(code).toBe(2)
    expect(stderr).toContain('does not hold a position; remove it to begin anew')
  })

  it('ends with 1 where it may not read', async () => {
    const folder = newFolder()
    const { url } = await serve(folder)
    const { code, stderr } = await tidings(['tail', 'notes/a', '--url', url, '--key', 'wrong'], { folder })
    expect(code).toBe(1)
    expect(stderr).toContain('(unauthenticated)')
  })
})
