// Before the browser tests: the pages are built, once for all of them.

import { buildPages } from '@tidings/example-hello/e2e/site.ts'

export default buildPages
