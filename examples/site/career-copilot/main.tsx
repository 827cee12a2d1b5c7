import { mount } from '@tidings/example-career-copilot/page.tsx'

mount(document.getElementById('root') as HTMLElement, new URL(window.location.href), import.meta.env)
