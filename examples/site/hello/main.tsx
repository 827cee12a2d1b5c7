import { mount } from '@tidings/example-hello/page.tsx'

mount(document.getElementById('root') as HTMLElement, new URL(window.location.href))
