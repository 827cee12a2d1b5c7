import { mount } from '@tidings/example-hello/page.tsx'
import { keepOffline } from '../offline/keep.ts'

mount(document.getElementById('root') as HTMLElement, new URL(window.location.href))
keepOffline('/hello')
