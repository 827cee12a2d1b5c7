// What a peer offers of permessage-deflate (RFC 7692, 7.1), and which of it can be kept. Whoever offers what this server
// does not know, or cannot do, is a connection without compression, not a failed one.

/** A window of 15 bits is what there is without asking; a smaller one would not take the bytes that all others get. */
const PARAMETER =
  /^(?:(?:server|client)_no_context_takeover|client_max_window_bits(?:=("?)(?:[89]|1[0-5])\1)?|server_max_window_bits=("?)15\2)$/

/** The first offer of the header that can be kept. */
export function keepableOffer(header: string | undefined): string | undefined {
  return header
    ?.split(',')
    .map((offer) => offer.trim())
    .find(isKeepable)
}

function isKeepable(offer: string): boolean {
  const [name, ...parameters] = offer.split(';').map((part) => part.trim())
  const names = new Set(parameters.map((parameter) => parameter.split('=', 1)[0]))
  return (
    name === 'permessage-deflate' &&
    names.size === parameters.length &&
    parameters.every((parameter) => PARAMETER.test(parameter))
  )
}
