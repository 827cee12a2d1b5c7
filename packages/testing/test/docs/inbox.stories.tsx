import { tidingsDecorator } from '@tidings/testing/react'
import { contract } from './contract.ts'
import { Inbox } from './inbox.tsx'

export default {
  title: 'Inbox',
  component: Inbox,
  args: { user: 'ada' },
  decorators: [
    tidingsDecorator({ contract, history: 12, everyMs: 5_000, data: { inbox: { cleared: false } } }),
  ],
}

export const Live = {}
export const Offline = { decorators: [tidingsDecorator({ contract, history: 12, faults: ['offline'] })] }
