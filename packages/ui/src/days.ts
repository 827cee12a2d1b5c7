// A list of moments under the days they belong to. Pure.

export interface Day<Item> {
  /** The day's first item: what the day is called after. */
  readonly at: number
  readonly items: readonly Item[]
}

/** Neighbours of the same calendar day together, in the given order. */
export function byDay<Item extends { readonly at: number }>(items: readonly Item[]): readonly Day<Item>[] {
  const days: { at: number; name: string; items: Item[] }[] = []
  for (const item of items) {
    const name = new Date(item.at).toDateString()
    const last = days.at(-1)
    if (last?.name === name) last.items.push(item)
    else days.push({ at: item.at, name, items: [item] })
  }
  return days
}
