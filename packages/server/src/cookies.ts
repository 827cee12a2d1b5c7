// The Cookie header as a record. Keys are text from outside, so the record has no prototype.

export type Cookies = Readonly<Record<string, string>>

export const noCookies: Cookies = Object.freeze(Object.create(null))

/** Where a name occurs twice, the first wins: browsers send the more specific path first. */
export function parseCookies(header: string | undefined): Cookies {
  if (header === undefined) return noCookies
  const cookies: Record<string, string> = Object.create(null)
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=')
    if (equals < 1) continue
    const name = pair.slice(0, equals).trim()
    if (name !== '' && cookies[name] === undefined) cookies[name] = decode(pair.slice(equals + 1).trim())
  }
  return cookies
}

function decode(value: string): string {
  const text = value.startsWith('"') && value.endsWith('"') && value.length > 1 ? value.slice(1, -1) : value
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
