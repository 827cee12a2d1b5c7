import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { contractFile, newFolder, serve, Tidings, tidings } from './tidings.ts'

describe('tidings serve', () => {
  it('makes a folder and a key that only the owner reads, answers, and drains on SIGTERM', async () => {
    const folder = newFolder()
    const { server, url } = await serve(folder)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    const key = join(folder, '.tidings', 'api-key')
    expect(statSync(key).mode & 0o777).toBe(0o600)
    expect(await server.end('SIGTERM')).toBe(0)
  })

  it('keeps what it made out of a repository, and leaves a folder that was there as it was', async () => {
    const folder = newFolder()
    await serve(folder)
    expect(readFileSync(join(folder, '.tidings', '.gitignore'), 'utf8')).toBe('*\n')
    const found = newFolder()
    await serve(found, 0, '--data', found)
    expect(existsSync(join(found, '.gitignore'))).toBe(false)
  })

  it('takes the data folder from the option before the environment', async () => {
    const folder = newFolder()
    const server = new Tidings(
      ['serve', '--contract', contractFile, '--port', '0', '--anonymous', '--data', join(folder, 'mine')],
      { folder, env: { TIDINGS_DATA: join(folder, 'other') } },
    )
    await expect.poll(() => server.stdout, { timeout: 15_000 }).toMatch(/http:\/\//)
    expect(existsSync(join(folder, 'mine', 'api-key'))).toBe(true)
    expect(existsSync(join(folder, 'other'))).toBe(false)
  })

  it.each([
    ['a port that is none', ['--port', '99999'], 'PORT|--port'],
    ['a file for a data folder', ['--data', 'a-file'], 'not a folder'],
  ])('does not start with %s, and says so in a sentence', async (_, args, message) => {
    const folder = newFolder()
    writeFileSync(join(folder, 'a-file'), '')
    const { code, stderr } = await tidings(['serve', '--contract', contractFile, '--anonymous', ...args], {
      folder,
    })
    expect(code).not.toBe(0)
    expect(stderr).toMatch(new RegExp(message))
    expect(stderr).not.toMatch(/^ +at /m)
  })

  it('says what the contract file lacks', async () => {
    const file = fileURLToPath(new URL('fixtures/no-contract.ts', import.meta.url))
    const { code, stderr } = await tidings(['serve', '--contract', file, '--anonymous'])
    expect(code).toBe(2)
    expect(stderr).toContain('exports no contract')
  })

  it('says which port is taken', async () => {
    const folder = newFolder()
    const { port } = await serve(folder)
    const other = newFolder()
    const { code, stderr } = await tidings(
      ['serve', '--contract', contractFile, '--anonymous', '--port', String(port)],
      { folder: other },
    )
    expect(code).toBe(1)
    expect(stderr).toContain(String(port))
  })
})
