// What a status is called, what it means, and how far it is. Pure.

import type { Variant } from '@tidings/ui/badge'
import type { Application, Status } from './contract.ts'

export const statusNames: Readonly<Record<Status, string>> = {
  submitted: 'Applied',
  under_review: 'In review',
  interview: 'Interview',
  offer: 'Offer',
  accepted: 'Accepted',
  rejected: 'Rejected',
  declined: 'Declined',
}

/** Green for what was hoped for, red for an end, blue for everything on its way. */
export function variantOf(status: Status): Extract<Variant, 'success' | 'error' | 'info'> {
  switch (status) {
    case 'offer':
    case 'accepted':
    case 'interview':
      return 'success'
    case 'rejected':
    case 'declined':
      return 'error'
    case 'submitted':
    case 'under_review':
      return 'info'
  }
}

export const STEPS: readonly Status[] = ['submitted', 'under_review', 'interview', 'offer']

/** How many of the four steps are done; undefined where it ended without an offer. */
export function stepsDone(status: Status): number | undefined {
  if (status === 'accepted') return STEPS.length
  const step = STEPS.indexOf(status)
  return step < 0 ? undefined : step + 1
}

export interface Groups {
  readonly yourTurn: readonly Application[]
  readonly waiting: readonly Application[]
  readonly over: readonly Application[]
}

export function grouped(all: readonly Application[]): Groups {
  const by = (...statuses: readonly Status[]) => all.filter(({ status }) => statuses.includes(status))
  return {
    yourTurn: by('offer', 'interview'),
    waiting: by('submitted', 'under_review'),
    over: by('accepted', 'rejected', 'declined'),
  }
}
