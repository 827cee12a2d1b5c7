// The start page: what runs here, and the shortest way to see it work.

import '@fontsource-variable/inter/wght.css'
import '@tidings/example-hello/looks/tokens.css'
import '@tidings/example-hello/looks/base.css'
import '@tidings/example-hello/looks/brand.css'
import './start.css'
import { createClient } from '@tidings/client'
import { TidingsProvider } from '@tidings/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { keepOffline } from '../offline/keep.ts'
import { Start } from './start.tsx'

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <TidingsProvider client={createClient()}>
      <Start />
    </TidingsProvider>
  </StrictMode>,
)
keepOffline('/')
