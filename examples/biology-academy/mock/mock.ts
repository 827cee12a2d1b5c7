// The academy without a server: the contract, believable data, and the real server core in the page. A page loads it only
// when it is asked for.

import type { Dial } from '@tidings/client'
import type { Clock } from '@tidings/core'
import { createMock, type Mock } from '@tidings/testing/mock'
import { Campus } from '../campus/campus.ts'
import { contract, type StudyMetrics } from '../contract.ts'

const EVERY_MS = 5_000
const HISTORY = 12

export function createAcademyMock(clock?: Clock): Mock {
  const campus = new Campus()
  return createMock({
    contract,
    clock,
    history: HISTORY,
    everyMs: EVERY_MS,
    data: {
      studyMetrics: {
        study_metrics_update: ({ params, previous }) =>
          campus.metrics(params.user ?? '', previous as StudyMetrics | undefined),
      },
      studySessions: {
        collaborative_session_update: ({ now }) => campus.session(now),
        // Whether somebody begins to study is for the person at the page to say.
        study_session_start: false,
      },
      studyNotifications: { notification: ({ now }) => campus.notification(now) },
      systemStatus: { system_status: ({ now }) => campus.status(now) },
    },
  })
}

let ofThePage: Mock | undefined

/** The one of this page, made when somebody first dials it or wants to disturb it. */
export function academyMock(): Mock {
  ofThePage ??= createAcademyMock()
  return ofThePage
}

/** With a clock of its own, a mock of its own. */
export function mockDial(clock?: Clock): Dial {
  return (clock ? createAcademyMock(clock) : academyMock()).clientOptions.dial
}
