// What happens, told to the log: faults and refusals, each as long as they do not flood it; the rest only to who asks.

import type { Clock } from '@tidings/core'
import { TokenBucket } from './limits.ts'
import type { Logger } from './log.ts'
import type { Happening, Observe } from './observe.ts'

/** Lines of each kind a second in the long run, and at once; the rest is counted. */
const LINES_PER_SECOND = 5
const LINE_BURST = 50

export function narrate(logger: Logger, clock: Clock): Observe {
  // Faults have lines of their own: peers that are refused a thousand times must not hide one.
  const faults = bounded(clock)
  const refusals = bounded(clock)
  return (happening: Happening) => {
    switch (happening.name) {
      case 'fault':
        return faults((also) =>
          logger.error('fault', { where: happening.where, error: happening.error, ...also }),
        )
      case 'skipped': {
        const { channel, offset, reason } = happening
        return faults((also) => logger.warn('entry skipped', { channel, offset, reason, ...also }))
      }
      case 'refused': {
        const { what, code, channel, user, detail } = happening
        // Everybody is sent away in the end: that is no news.
        if (code === 'draining') return
        return refusals((also) => logger.info('refused', { what, code, channel, user, detail, ...also }))
      }
      case 'welcomed':
        return logger.debug('welcomed', { connection: happening.connection, user: happening.user })
      case 'laneClosed':
      case 'connectionClosed':
        return logger.debug(happening.name === 'laneClosed' ? 'lane closed' : 'connection closed', {
          code: happening.code,
          lastedMs: Math.round(happening.lastedMs),
        })
      case 'reset':
        return logger.debug('reset', { channel: happening.channel, reason: happening.reason })
      default:
        return
    }
  }
}

/** Says so many lines; what is left unsaid is counted in the next one. */
function bounded(clock: Clock): (say: (also: { readonly unsaid?: number }) => void) => void {
  const bucket = new TokenBucket(LINES_PER_SECOND, LINE_BURST, clock.monotonic())
  let unsaid = 0
  return (say) => {
    if (bucket.take(clock.monotonic()) > 0) return void unsaid++
    say(unsaid > 0 ? { unsaid } : {})
    unsaid = 0
  }
}
