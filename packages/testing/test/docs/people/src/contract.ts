import { channel, defineContract } from '@tidings/core'
import * as z from 'zod'

export const orders = channel('orders/:shop', { events: { placed: z.object({ id: z.string() }) } })
export const notices = channel('notices/:user', { events: { arrived: z.object({ title: z.string() }) } })

export const contract = defineContract({ orders, notices })
