import { expect, test } from 'vitest'
import { grid, withFigures } from '../report/page.ts'

const page = 'Before\n<!-- figures: written by npm run bench -->\nold\n<!-- end of figures -->\nAfter\n'

test('new figures take the place of the old, and the words around them stay', () => {
  const text = withFigures(page, 'new', 'page.md')
  expect(text).toBe(page.replace('old', 'new'))
  expect(withFigures(text, 'old', 'page.md')).toBe(page)
})

test('a page without its marks is left alone, and named', () => {
  expect(() => withFigures('Only words', 'new', 'page.md')).toThrow('docs/page.md lacks the marks')
})

test('columns are as wide as their widest cell', () => {
  expect(grid(['a', 'long'], [['wide', '1']])).toBe('| a    | long |\n| ---- | ---- |\n| wide | 1    |')
})
