// The wire must not change by accident. The shapes of all frames, as text, have one digest for each version that was
// released; a change makes this test fail, and then it is decided: a new version, or, before the first release, a new digest.

import { createHash } from 'node:crypto'
import { clientFrames, SUBPROTOCOL, serverFrames } from '@tidings/core'
import { expect, test } from 'vitest'

/** Every version that clients in the field may speak. Entries are added, and never changed once released. */
const HISTORY: Readonly<Record<string, string>> = {
  'tidings.v1.json': '10c8d874bd029cbe7ec1b02630a0db76dd3118aa3cb3d110d25d45fa93eec333',
}

function describeFrames(): string {
  const lines = [clientFrames, serverFrames].flatMap((table, side) =>
    Object.entries(table).map(([type, shape]) => `${side === 0 ? '→' : '←'} ${type} ${shape.description}`),
  )
  return lines.sort().join('\n')
}

test('[CN1] the frames are those of the version that the subprotocol names', () => {
  const digest = createHash('sha256').update(describeFrames()).digest('hex')
  expect(
    digest,
    `The shapes of the frames have changed. If ${SUBPROTOCOL} has been released, give the protocol a new version; ` +
      `if not, put ${digest} into HISTORY.\n${describeFrames()}`,
  ).toBe(HISTORY[SUBPROTOCOL])
})
