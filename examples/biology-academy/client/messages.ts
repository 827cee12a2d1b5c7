// The messages by their types, and on which channel each of them travels.

import type { ChannelRef } from '@tidings/core'
import {
  type CollaborativeSession,
  type NotificationMessage,
  type StudyMetrics,
  type StudySessionStart,
  type SystemStatus,
  studyMetrics,
  studyNotifications,
  studySessions,
  systemStatus,
} from '../contract.ts'

export interface Payloads {
  readonly study_metrics_update: StudyMetrics
  readonly collaborative_session_update: CollaborativeSession
  readonly notification: NotificationMessage
  readonly system_status: SystemStatus
  readonly study_session_start: StudySessionStart
}

export type MessageType = keyof Payloads

/** A message as the academy has always written it. */
export interface Message<Type extends MessageType = MessageType> {
  readonly type: Type
  readonly payload: Payloads[Type]
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly messageId: string
}

export const channelFor: Readonly<Record<MessageType, (userId: string) => ChannelRef>> = {
  study_metrics_update: (user) => studyMetrics({ user }),
  collaborative_session_update: () => studySessions(),
  notification: (user) => studyNotifications({ user }),
  system_status: () => systemStatus(),
  study_session_start: () => studySessions(),
}

export const messageTypes = Object.keys(channelFor) as readonly MessageType[]
