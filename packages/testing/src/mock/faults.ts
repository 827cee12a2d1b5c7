// What may go wrong, by name. A lasting fault is there until it is restored; an accident happens once, to the
// connections that are open at that moment.

export const faultTable = {
  offline: {
    kind: 'lasting',
    about: 'The device has no network, and knows it: connections end, dials fail.',
  },
  unreachable: { kind: 'lasting', about: 'The device believes in its network, but no dial gets through.' },
  slow: { kind: 'lasting', about: 'Every message takes 0.3 to 1.5 seconds.' },
  flaky: { kind: 'lasting', about: 'Connections break after 2 to 8 seconds; one dial in three fails.' },
  'signed-out': { kind: 'lasting', about: 'No token is accepted: the person has to sign in again.' },
  'read-only': { kind: 'lasting', about: 'Whatever is published is refused as forbidden.' },
  'log-down': { kind: 'lasting', about: 'The log can be neither read nor written; connections stay.' },
  drop: { kind: 'accident', about: 'Every connection breaks; the next dial works.' },
  'half-open': { kind: 'accident', about: 'Connections go silent, and neither end is told.' },
  'expired-token': {
    kind: 'accident',
    about: 'The token has ended: connections close, a fresh one is asked for.',
  },
  'server-restart': { kind: 'accident', about: 'The server drains, goes away, and comes back with its log.' },
  'history-lost': { kind: 'accident', about: 'The server comes back without its log: readers are reset.' },
} as const satisfies Record<string, { readonly kind: 'lasting' | 'accident'; readonly about: string }>

export type Fault = keyof typeof faultTable
export type LastingFault = {
  [Name in Fault]: (typeof faultTable)[Name]['kind'] extends 'lasting' ? Name : never
}[Fault]

export const isFault = (name: string): name is Fault => Object.hasOwn(faultTable, name)
export const isLasting = (fault: Fault): fault is LastingFault => faultTable[fault].kind === 'lasting'
