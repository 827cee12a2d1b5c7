// What the limits of the chaotic server are: small where that makes the interesting cases common.

import type { Limits } from '@tidings/server'

export const limits: Partial<Limits> = {
  // Everybody comes from one address, and often.
  strangersPerAddress: 10_000,
  failuresPerSecond: 10_000,
  failureBurst: 10_000,
  framesPerSecond: 2_000,
  frameBurst: 4_000,
  // A dead link shows within seconds instead of half a minute.
  heartbeatMs: 1_500,
  // Readers fall behind and catch up in pages.
  highWaterBytes: 16_384,
  pageEntries: 50,
  tailEntries: 64,
  snapshotEvery: 64,
  channelLingerMs: 1_000,
}
