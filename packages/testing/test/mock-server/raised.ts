// Waits for what a real network brings; fails after ten seconds.

export async function raised(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`Waited in vain for ${isSo}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
