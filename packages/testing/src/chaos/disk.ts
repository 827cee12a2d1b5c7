// A disk under the server's log that can be full, or fail to make anything durable. Where there is a C compiler, a
// small library between the server and the system says so for the files of the log alone; where there is none, a limit on
// the size of files stands in for the full disk. What a machine does not allow is said, and left out.

import { execFile } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

export type DiskFault = 'full' | 'fsync'

const run = promisify(execFile)

// Orders are files: a process that is started anew finds them as well.
const SOURCE = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fails(const char *fault, int fd) {
  const char *orders = getenv("TIDINGS_CHAOS_ORDERS"), *data = getenv("TIDINGS_CHAOS_DATA");
  char path[PATH_MAX], name[64];
  if (!orders || !data) return 0;
  snprintf(path, sizeof path, "%s/%s", orders, fault);
  if (access(path, F_OK) != 0) return 0;
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(name, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strncmp(path, data, strlen(data)) == 0;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *bytes, size_t count) {
  static __typeof__(&write) real;
  if (!real) real = REAL(write);
  int before = errno;
  if (fails("full", fd)) { errno = ENOSPC; return -1; }
  errno = before;
  return real(fd, bytes, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
  static __typeof__(&pwrite) real;
  if (!real) real = REAL(pwrite);
  if (fails("full", fd)) { errno = ENOSPC; return -1; }
  return real(fd, bytes, count, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
  static __typeof__(&pwrite64) real;
  if (!real) real = REAL(pwrite64);
  if (fails("full", fd)) { errno = ENOSPC; return -1; }
  return real(fd, bytes, count, offset);
}

int fsync(int fd) {
  static __typeof__(&fsync) real;
  if (!real) real = REAL(fsync);
  if (fails("fsync", fd)) { errno = EIO; return -1; }
  return real(fd);
}

int fdatasync(int fd) {
  static __typeof__(&fdatasync) real;
  if (!real) real = REAL(fdatasync);
  if (fails("fsync", fd)) { errno = EIO; return -1; }
  return real(fd);
}
`

export class Disk {
  /** For the environment of the server. */
  readonly env: Readonly<Record<string, string>>
  /** Sentences about what cannot be tried on this machine. */
  readonly leftOut: readonly string[]
  readonly #orders: string
  readonly #kind: 'library' | 'limit' | 'none'

  /** `folder`: for its own files. `data`: where the log is. Both without symbolic links. */
  static async prepare({ folder, data }: { readonly folder: string; readonly data: string }): Promise<Disk> {
    const library = join(folder, 'disk.so')
    try {
      if (process.platform !== 'linux') throw new Error('not Linux')
      writeFileSync(join(folder, 'disk.c'), SOURCE)
      await run('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(folder, 'disk.c'), '-ldl'])
      const env = { LD_PRELOAD: library, TIDINGS_CHAOS_ORDERS: folder, TIDINGS_CHAOS_DATA: data }
      return new Disk('library', folder, env, [])
    } catch {
      return Disk.#limited(folder)
    }
  }

  static async #limited(folder: string): Promise<Disk> {
    const noFsync = 'fsync errors: they need Linux and a C compiler (cc)'
    try {
      await run('prlimit', ['--version'])
      return new Disk('limit', folder, {}, [noFsync])
    } catch {
      return new Disk('none', folder, {}, [noFsync, 'a full disk: it needs a C compiler (cc) or prlimit'])
    }
  }

  private constructor(
    kind: 'library' | 'limit' | 'none',
    orders: string,
    env: Readonly<Record<string, string>>,
    leftOut: readonly string[],
  ) {
    this.#kind = kind
    this.#orders = orders
    this.env = env
    this.leftOut = leftOut
  }

  can(fault: DiskFault): boolean {
    return this.#kind === 'library' || (this.#kind === 'limit' && fault === 'full')
  }

  /** From now on, for the running process `pid` and, where there is a library, for those after it. */
  async begin(fault: DiskFault, pid: number | undefined): Promise<void> {
    if (this.#kind === 'library') writeFileSync(join(this.#orders, fault), '')
    else await limit(pid, '1:')
  }

  async end(fault: DiskFault, pid: number | undefined): Promise<void> {
    if (this.#kind === 'library') rmSync(join(this.#orders, fault), { force: true })
    else await limit(pid, 'unlimited:')
  }
}

async function limit(pid: number | undefined, bytes: string): Promise<void> {
  // A process that has ended needs no limit.
  if (pid !== undefined) await run('prlimit', [`--pid=${pid}`, `--fsize=${bytes}`]).catch(() => {})
}
