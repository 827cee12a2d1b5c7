import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { sha256 } from '../../src/mock/sha256.ts'

it('SHA-256 in memory is SHA-256, at every length around a block', () => {
  for (let length = 0; length < 200; length++) {
    const text = 'aé€'.repeat(length).slice(0, length)
    expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'))
  }
})
