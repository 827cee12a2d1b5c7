// @vitest-environment happy-dom

import { cleanup, fireEvent } from '@testing-library/react'
import { renderWithTidings } from '@tidings/testing/testing-library'
import { afterEach, expect, test } from 'vitest'
import { contract, inbox } from './contract.ts'
import { Inbox } from './inbox.tsx'

afterEach(cleanup)
const ada = inbox({ user: 'ada' })

test('what arrives is shown, and what was missed is shown once', async () => {
  const page = await renderWithTidings(<Inbox user="ada" />, { contract })
  await page.publish(ada, 'arrived', { title: 'Draft approved', message: 'By Mei' })
  page.getByText('Draft approved')

  await page.cut()
  expect(page.getByRole('status').textContent).toBe('Not connected')
  await page.publish(ada, 'arrived', { title: 'Review moved', message: 'To Thursday' })
  expect(page.queryByText('Review moved')).toBeNull()

  await page.restore()
  expect(page.queryByRole('status')).toBeNull()
  expect(page.getAllByText('Review moved')).toHaveLength(1)
})

test('what a person does offline takes effect when the network is back', async () => {
  const page = await renderWithTidings(<Inbox user="ada" />, { contract })
  await page.publish(ada, 'arrived', { title: 'Draft approved', message: 'By Mei' })
  await page.cut()
  fireEvent.click(page.getByRole('button', { name: 'Clear' }))
  await page.settle()
  expect(page.queryByText('Draft approved')).toBeNull()

  await page.restore()
  await page.advance(1_000)
  expect(page.client.outbox.get()).toEqual([])
})
