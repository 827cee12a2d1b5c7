// @vitest-environment happy-dom
// @vitest-environment-options { "url": "https://app.example.com/" }

import { cleanup } from '@testing-library/react'
import { renderWithTidings } from '@tidings/testing/testing-library'
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { useEffect, useState } from 'react'
import { afterAll, afterEach, beforeAll, test } from 'vitest'
import { contract, inbox } from './contract.ts'
import { Inbox } from './inbox.tsx'

const server = setupServer(http.get('*/api/people/ada', () => HttpResponse.json({ name: 'Ada' })))
beforeAll(() => server.listen({ onUnhandledFrame: 'error' }))
afterEach(cleanup)
afterAll(() => server.close())

function Page() {
  const [name, setName] = useState('')
  useEffect(() => {
    void fetch('/api/people/ada')
      .then((answer) => answer.json())
      .then((person: { name: string }) => setName(person.name))
  }, [])
  return (
    <>
      <h1>{name}</h1>
      <Inbox user="ada" />
    </>
  )
}

test('HTTP is answered by MSW, and what is live comes from the mock', async () => {
  const page = await renderWithTidings(<Page />, { contract })
  await page.findByRole('heading', { name: 'Ada' })
  await page.publish(inbox({ user: 'ada' }), 'arrived')
  page.getByRole('listitem')
})
