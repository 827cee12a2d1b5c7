// What the switches say, and how it stands in the address: a view can be linked to.

const choices = {
  theme: ['system', 'light', 'dark'],
  direction: ['ltr', 'rtl'],
  motion: ['system', 'reduced', 'full'],
  content: ['usual', 'none', 'much'],
  width: ['desk', 'phone'],
} as const

export type View = { readonly [Name in keyof typeof choices]: (typeof choices)[Name][number] }

export function parseView(parameters: URLSearchParams): View {
  const entries = Object.entries(choices).map(([name, values]) => {
    const given = parameters.get(name)
    return [name, values.find((value) => value === given) ?? values[0]]
  })
  return Object.fromEntries(entries) as View
}

/** Only what differs from a first visit. */
export function queryOf(view: View): string {
  const parameters = new URLSearchParams()
  for (const [name, values] of Object.entries(choices)) {
    const value = view[name as keyof View]
    if (value !== values[0]) parameters.set(name, value)
  }
  return parameters.toString()
}
