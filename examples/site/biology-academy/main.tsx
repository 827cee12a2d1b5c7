import { mount } from '@tidings/example-biology-academy/page.tsx'
import { keepOffline } from '../offline/keep.ts'

mount(document.getElementById('root') as HTMLElement)
keepOffline('/biology-academy')
