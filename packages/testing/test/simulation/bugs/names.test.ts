import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { bugGroups, bugs } from '../../../src/simulation/bugs/all.ts'

test('there are at least 25, each under a name of its own', () => {
  const names = bugs.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(names.length).toBeGreaterThanOrEqual(25)
  for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
})

test('each group of them is looked for', () => {
  const files = readdirSync(import.meta.dirname)
  for (const group of Object.keys(bugGroups)) expect(files).toContain(`${group}.test.ts`)
})
