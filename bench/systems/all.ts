// Every system by its short name.

import type { System } from '../system.ts'
import { bun } from './bun.ts'
import { plainSocketIo, recoveringSocketIo } from './socket-io.ts'
import { tidings } from './tidings.ts'
import { handwrittenWs, prebuiltWs } from './ws.ts'

export const systems = {
  'socket.io': plainSocketIo,
  'socket.io+recovery': recoveringSocketIo,
  ws: handwrittenWs,
  'ws-prebuilt': prebuiltWs,
  bun,
  tidings,
} as const satisfies Readonly<Record<string, System>>

export type SystemName = keyof typeof systems
