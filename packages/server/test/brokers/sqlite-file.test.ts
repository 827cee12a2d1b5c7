// What may be opened as a log, in which mode, and what is said of everything else.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { TidingsError } from '@tidings/core'
import { sqliteBroker } from '@tidings/server/sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openSqliteFile, pragma } from '../../src/brokers/sqlite-file.ts'
import { append, dataOf, openLog, tempFile, tempFolder } from './temp-log.ts'

/** The sentence with which opening is refused. */
async function refusal(file: string): Promise<string> {
  const error: unknown = await sqliteBroker({ file }).then(
    () => expect.unreachable(`${file} was opened`),
    (reason) => reason,
  )
  expect(error).toBeInstanceOf(TidingsError)
  expect(error).toMatchObject({ code: 'unavailable' })
  return (error as TidingsError).message
}

describe('a log’s file', () => {
  it('[row 41] [BR1] is written in the mode whose commits survive a power cut', () => {
    const db = openSqliteFile({ file: tempFile(), maxBytes: undefined }, 'epoch1')
    onTestFinished(() => db.close())
    expect(pragma(db, 'journal_mode')).toBe('wal')
    // 2 is FULL: the write-ahead log is synchronised at every commit.
    expect(pragma(db, 'synchronous')).toBe(2)
    expect(pragma(db, 'locking_mode')).toBe('exclusive')
  })

  it('is in that mode again when it is opened again', () => {
    const file = tempFile()
    openSqliteFile({ file, maxBytes: undefined }, 'epoch1').close()
    const db = openSqliteFile({ file, maxBytes: undefined }, 'epoch2')
    onTestFinished(() => db.close())
    expect([pragma(db, 'journal_mode'), pragma(db, 'synchronous'), pragma(db, 'locking_mode')]).toEqual([
      'wal',
      2,
      'exclusive',
    ])
    expect(db.prepare('SELECT epoch FROM store').all()).toEqual([{ epoch: 'epoch1' }])
  })

  it('is made together with its folder, but for one that is wrong higher up', async () => {
    const folder = tempFolder()
    const broker = await openLog({ file: join(folder, 'data', 'log.db') })
    await append(broker, 1)
    expect(existsSync(join(folder, 'data', 'log.db'))).toBe(true)
    expect(await refusal(join(folder, 'no', 'such', 'log.db'))).toMatch(
      /folder .*no\/such.*make it, or name another/,
    )
  })

  it('belongs to one broker of this process', async () => {
    const file = tempFile()
    const broker = await openLog({ file })
    expect(await refusal(file)).toContain(`"${file}" is already open`)
    await append(broker, 1)
    await broker.close()
    expect(await dataOf(await openLog({ file }))).toEqual([1])
  })

  it('[row 40] belongs to one process, until that one ends, however it ends', async () => {
    const file = tempFile()
    const owner = spawn(
      process.execPath,
      ['--conditions=@tidings/source', join(import.meta.dirname, 'owner.ts'), file],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    onTestFinished(() => void owner.kill('SIGKILL'))
    await once(owner.stdout, 'data')
    expect(await refusal(file)).toMatch(
      /is already open, most likely in another process.*stop that one.*a file of its own/,
    )
    owner.kill('SIGKILL')
    await once(owner, 'exit')
    expect(await dataOf(await openLog({ file }))).toEqual(['from the owner'])
  })

  it.each([
    [
      'something that is not a database',
      (file: string) => writeFileSync(file, 'Dear diary, today I learned nothing. '.repeat(200)),
    ],
    ['a file of some bytes', (file: string) => writeFileSync(file, 'hello')],
  ])('is refused when it is %s, and left as it was', async (_, make) => {
    const file = tempFile()
    make(file)
    const before = readFileSync(file)
    expect(await refusal(file)).toMatch(
      /is not a SQLite database: give the log another file, or move this one away/,
    )
    expect(readFileSync(file)).toEqual(before)
  })

  it('is refused when it is another application’s database, and left as it was', async () => {
    const file = tempFile()
    const other = new DatabaseSync(file)
    other.exec('CREATE TABLE entries (text TEXT); INSERT INTO entries VALUES (1)')
    other.close()
    const before = readFileSync(file)
    expect(await refusal(file)).toMatch(/the database of another application; give the log a file of its own/)
    expect(readFileSync(file)).toEqual(before)
  })

  it('is refused when a newer Tidings wrote it', async () => {
    const file = tempFile()
    await (await sqliteBroker({ file })).close()
    const db = new DatabaseSync(file)
    db.exec('PRAGMA user_version = 99')
    db.close()
    expect(await refusal(file)).toMatch(/written by a newer Tidings \(format 99; this one knows 2\)/)
  })

  it('is refused when it is a folder', async () => {
    expect(await refusal(tempFolder())).toMatch(/cannot be opened for writing: it is not a file; name one/)
  })

  it('[row 40] is refused in a folder that may not be written', async () => {
    // Nobody may make files in /sys; for root, no ordinary folder is like that.
    const isRoot = process.getuid?.() === 0
    const folder = isRoot ? '/sys' : join(tempFolder(), 'locked')
    if (!isRoot) {
      mkdirSync(folder)
      chmodSync(folder, 0o500)
    }
    expect(await refusal(join(folder, 'log.db'))).toMatch(
      /cannot be opened for writing: .*(right|permission)/,
    )
  })

  it('[row 42] that is damaged refuses to be read: never a part of the history', async () => {
    const file = tempFile()
    const broker = await sqliteBroker({ file })
    await Promise.all(Array.from({ length: 2_000 }, (_, i) => append(broker, { i, text: 'x'.repeat(200) })))
    await broker.close()
    const whole = readFileSync(file)
    const damaged = Buffer.from(whole)
    damaged.fill(0, whole.length / 2)
    writeFileSync(file, damaged)

    const reopened = await openLog({ file })
    await expect(dataOf(reopened)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/damaged: restore it from a backup/),
    })
  })

  it('[row 42] that was cut off is refused', async () => {
    const file = tempFile()
    const broker = await sqliteBroker({ file })
    await Promise.all(Array.from({ length: 2_000 }, (_, i) => append(broker, { i, text: 'x'.repeat(200) })))
    await broker.close()
    truncateSync(file, 20_000)
    expect(await refusal(file)).toMatch(/is damaged: restore it from a backup, or move it away/)
  })
})
