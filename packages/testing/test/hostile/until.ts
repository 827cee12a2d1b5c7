// Waiting for what other processes and the network bring, instead of for a time.

/** Waits for what the network brings; fails after `mostMs`. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  what = isSo.toString(),
  mostMs = 40_000,
): Promise<void> {
  const deadline = performance.now() + mostMs
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`Waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

export const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
