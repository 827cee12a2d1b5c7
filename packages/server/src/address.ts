// The network address behind a request. What a proxy says about it counts only where the proxy is trusted.

import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv6 } from 'node:net'
import { headerOf } from './http/head.ts'

/** `trusted`: addresses or CIDR ranges of proxies whose `X-Forwarded-For` is believed. Throws on what is neither. */
export function addressReader(trusted: readonly string[] = []): (request: IncomingMessage) => string {
  const proxies = new BlockList()
  for (const range of trusted) addRange(proxies, range)
  const isProxy = (address: string) =>
    isIP(address) > 0 && proxies.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
  return (request) => {
    let address = unmapped(request.socket.remoteAddress ?? '')
    const forwarded = headerOf(request, 'x-forwarded-for')?.split(',') ?? []
    // Each proxy adds the address it was called from at the end: the first that is no proxy of ours is the peer.
    while (isProxy(address) && forwarded.length > 0) {
      const claimed = unmapped((forwarded.pop() as string).trim())
      if (isIP(claimed) === 0) break
      address = claimed
    }
    return address
  }
}

/** What limits count by: an IPv6 customer owns at least the 64 bits below a prefix. */
export function addressGroup(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('::')
  const groups = head.split(':').filter((group) => group !== '')
  const after = tail === undefined ? [] : tail.split(':').filter((group) => group !== '')
  const zeros = tail === undefined ? 0 : 8 - groups.length - after.length
  return [...groups, ...Array<string>(zeros).fill('0'), ...after].slice(0, 4).join(':')
}

function unmapped(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
}

function addRange(list: BlockList, range: string): void {
  const [, address = '', digits] = /^([^/]+)(?:\/([0-9]{1,3}))?$/.exec(range) ?? []
  const family = isIPv6(address) ? 'ipv6' : 'ipv4'
  const most = family === 'ipv6' ? 128 : 32
  const bits = digits === undefined ? most : Number(digits)
  if (isIP(address) === 0 || bits > most)
    throw new TypeError(`"${range}" is not an address or a range such as "10.0.0.0/8".`)
  list.addSubnet(address, bits, family)
}
