// Every component of the kit in every state, with the switches that change how a page looks.

import '@fontsource-variable/inter/wght.css'
import '@tidings/ui/styles.css'
import '@tidings/ui/styles/page.css'
import './gallery.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { keepOffline } from '../offline/keep.ts'
import { Gallery } from './gallery.tsx'
import { parseView } from './view.ts'

const address = new URL(window.location.href)

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <Gallery initial={parseView(address.searchParams)} isFramed={address.searchParams.has('framed')} />
  </StrictMode>,
)
keepOffline('/gallery')
