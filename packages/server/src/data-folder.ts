// The folder that holds the log and the API key: made at the first start, and readable by its owner alone.

import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Chance } from '@tidings/core'
import { apiKeyProblem } from './api-keys.ts'
import { StartFailure } from './settings.ts'

/** Throws a StartFailure when the folder cannot be used. */
export function openDataFolder(folder: string): void {
  try {
    const isNew = !existsSync(folder)
    makeFolder(folder)
    if (isNew) makePrivate(folder)
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new StartFailure(
      `The data folder ${folder} ${folderProblem(cause)}; set TIDINGS_DATA to a folder that you may write to.`,
      { cause },
    )
  }
}

/** One after the other: Node's own `recursive` never returns where a file system takes no folders, as /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) {
    if (!statSync(folder).isDirectory())
      throw Object.assign(new Error(`${folder} is a file`), { code: 'ENOTDIR' })
    return
  }
  makeFolder(dirname(folder))
  mkdirSync(folder, { mode: 0o700 })
}

/** A key that is made in a repository must not be committed with it. */
function makePrivate(folder: string): void {
  writeFileSync(join(folder, '.gitignore'), '*\n')
}

export const keyFile = (folder: string) => join(folder, 'api-key')

/** The key kept in the folder; made, with 22 random characters, when there is none. */
export function keptApiKey(folder: string, chance: Chance): string {
  const file = keyFile(folder)
  try {
    const made = chance.token(22)
    writeFileSync(file, `${made}\n`, { mode: 0o600, flag: 'wx' })
    return made
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST')
      throw new StartFailure(`The API key could not be kept in ${file}: ${(cause as Error).message}.`, {
        cause,
      })
  }
  return readKey(file)
}

function readKey(file: string): string {
  let key: string
  try {
    key = readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw new StartFailure(
      `The API key in ${file} cannot be read: ${(cause as Error).message}. Delete the file, and a new key is made.`,
      { cause },
    )
  }
  const problem = apiKeyProblem(key)
  if (problem)
    throw new StartFailure(`The API key in ${file} ${problem} Delete the file, and a new key is made.`)
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new StartFailure(`The API key in ${file} can be read by others; run: chmod 600 ${file}`)
  }
  return key
}

function folderProblem(cause: unknown): string {
  const code = codeOf(cause)
  if (code === 'ENOTDIR') return 'is not a folder'
  if (code === 'ENOSPC') return 'cannot be made: the disk is full'
  return code === 'EROFS' ? 'is on a disk that cannot be written' : 'cannot be written'
}

const codeOf = (cause: unknown) => (cause as NodeJS.ErrnoException).code
