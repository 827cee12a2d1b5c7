// One process at a time: each puts a file with its own name beside the one it wants, and then looks whether anybody else
// who lives has done so. Names are never used again, so one that a dead process has left is in nobody's way.

import { unlinkSync } from 'node:fs'
import { open, readdir, readFile, unlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import { systemChance, TidingsError } from '@tidings/core'

/** Gives the lock back. */
export type Unlock = () => void

/** Rejects with `unavailable` while somebody else has it. */
export async function lockFile(path: string): Promise<Unlock> {
  const folder = dirname(path)
  const prefix = `${basename(path)}.lock-`
  const own = join(folder, prefix + (await nameOf(process.pid)))
  const unlock = () => {
    process.off('exit', unlock)
    try {
      unlinkSync(own)
    } catch {
      // Somebody has tidied up.
    }
  }
  await (await open(own, 'wx', 0o600)).close()
  process.on('exit', unlock)
  try {
    // Whoever comes second sees the first. Two at once see each other, and both try again later.
    for (const file of await readdir(folder)) {
      const other = join(folder, file)
      if (!file.startsWith(prefix) || other === own) continue
      const holder = file.slice(prefix.length)
      if (await isAlive(holder)) throw inUse(path, holder, other)
      await unlink(other).catch(() => {})
    }
  } catch (error) {
    unlock()
    throw error
  }
  return unlock
}

/** `pid-start-host-random`: enough to tell whether the process lives, and no process of another boot is taken for it. */
async function nameOf(pid: number): Promise<string> {
  return [pid, await startOf(pid), HOST, systemChance.token(12)].join('-')
}

const HOST = crc32(hostname()).toString(16)

async function isAlive(name: string): Promise<boolean> {
  const [pid = '', start, host] = name.split('-')
  // Of a process on another machine, or in another container, nothing can be known.
  if (host !== HOST) return true
  try {
    process.kill(Number(pid), 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return start === (await startOf(Number(pid)))
}

/** When the process began, in the system's own ticks; 0 where the system does not say. */
async function startOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The name in the second field may hold anything; what follows it are numbers, the start is field 22.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0'
  } catch {
    return '0'
  }
}

function inUse(path: string, holder: string, file: string): TidingsError {
  const [pid, , host] = holder.split('-')
  const where = host === HOST ? '' : ` on another machine; if it is gone for good, remove ${file}`
  return new TidingsError('unavailable', `The outbox file ${path} is in use by process ${pid}${where}.`)
}
