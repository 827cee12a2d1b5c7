// Biology Academy as a page: the looks, and one root. What stands on it is app.tsx.

import '@fontsource-variable/inter/wght.css'
import '@tidings/ui/styles.css'
import './looks/brand.css'
import './looks/shell.css'
import './looks/cards.css'
import './looks/pages.css'
import './looks/forced.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'

export function mount(element: HTMLElement): void {
  createRoot(element).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}
