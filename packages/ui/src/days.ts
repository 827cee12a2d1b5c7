// A list of moments under the days they belong to. Pure.

export interface Day<Item> {
  /** The same as long as the day is in the list, whatever comes into it. */
  readonly key: string
  /** The day's first item: what the day is called after. */
  readonly at: number
  readonly items: readonly Item[]
}

const DAY_MS = 86_400_000

/** Neighbours of the same calendar day together, in the given order: the reader's days, or those of UTC. */
export function byDay<Item extends { readonly at: number }>(
  items: readonly Item[],
  isUtc = false,
): readonly Day<Item>[] {
  const days: { key: string; number: number; at: number; items: Item[] }[] = []
  const seen = new Map<number, number>()
  for (const item of items) {
    const number = isUtc ? Math.floor(item.at / DAY_MS) : localDay(item.at)
    const last = days.at(-1)
    if (last && Object.is(last.number, number)) {
      last.items.push(item)
      continue
    }
    // Around midnight what is a little out of order brings a day twice.
    const turn = seen.get(number) ?? 0
    seen.set(number, turn + 1)
    days.push({ key: `${number} ${turn}`, number, at: item.at, items: [item] })
  }
  return days
}

/** Days since 1970 by the reader's calendar. */
function localDay(at: number): number {
  const date = new Date(at)
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY_MS
}
