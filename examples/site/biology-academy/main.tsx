import { mount } from '@tidings/example-biology-academy/page.tsx'

mount(document.getElementById('root') as HTMLElement)
