import { mount } from '@tidings/example-career-copilot/page.tsx'
import { keepOffline } from '../offline/keep.ts'

mount(document.getElementById('root') as HTMLElement, new URL(window.location.href), import.meta.env)
keepOffline('/career-copilot')
