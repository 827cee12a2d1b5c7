// The site with one rule more: nobody writes in the archive. For tests of what a refused message looks like.

import { anonymous } from '@tidings/server'
import { run } from '@tidings/server/run'
import { contract } from '../contract.ts'

await run({
  contract,
  authenticate: anonymous(),
  authorize: ({ action, params }) => !(action === 'publish' && params.room === 'archive'),
  pages: 'examples/site/dist',
})
