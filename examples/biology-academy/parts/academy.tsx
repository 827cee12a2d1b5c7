// The one connection of the page, and what every part of it may ask: where messages come from, and who learns here.

import { indexedDbStorage } from '@tidings/client/indexeddb'
import { TidingsProvider, usePresence } from '@tidings/react'
import { createContext, type ReactNode, useContext, useMemo } from 'react'
import type { Source, WebSocketClientOptions } from '../client/options.ts'
import { studySessions } from '../contract.ts'
import { useWebSocket, type WebSocketHandle } from '../hooks/use-web-socket.ts'
import { useIsCutOff } from './cut-off.ts'
import { debugLines } from './debug-lines.ts'
import { type Learner, learnerStore, topicStore, useKept } from './kept.ts'
import { useAddress } from './router.ts'

export interface Academy {
  readonly socket: WebSocketHandle
  /** What is shown may be old. */
  readonly isCutOff: boolean
  readonly source: Source
  /** Where the plain server is. */
  readonly plainUrl: string
  readonly isDebugging: boolean
  readonly learner: Learner
  /** As others see the learner. */
  readonly shownName: string
  readonly topic: string | undefined
  readonly study: (topic: string | undefined) => void
}

const AcademyContext = createContext<Academy | undefined>(undefined)

export function useAcademy(): Academy {
  const academy = useContext(AcademyContext)
  if (!academy) throw new Error('useAcademy is for what stands inside <AcademyProvider>.')
  return academy
}

export const PLAIN_URL = 'ws://127.0.0.1:8003'
export const PLAIN_COMMAND = 'npm run plain --workspace examples/biology-academy'

/** Everything that the address says: `?source=plain&plain=ws://…&debug`. */
export function readSettings({ searchParams }: URL) {
  const asked = searchParams.get('source')
  const source: Source = asked === 'plain' || asked === 'mock' ? asked : 'tidings'
  return {
    source,
    plainUrl: searchParams.get('plain') ?? PLAIN_URL,
    isDebugging: searchParams.has('debug'),
  } as const
}

const storages = {
  tidings: indexedDbStorage({ name: 'biology-academy' }),
  plain: indexedDbStorage({ name: 'biology-academy-plain' }),
}

function optionsFor({ source, plainUrl, isDebugging }: ReturnType<typeof readSettings>, userId: string) {
  const options: WebSocketClientOptions = {
    url: source === 'plain' ? plainUrl : '/v1/socket',
    server: source === 'plain' ? 'plain' : 'tidings',
    enableMockMode: source === 'mock',
    userId,
    debug: isDebugging,
    // A page that is left open over a night of no network shall still find back.
    reconnectAttempts: Number.POSITIVE_INFINITY,
    ports: {
      log: debugLines.add,
      ...(source !== 'mock' && { storage: storages[source] }),
    },
  }
  return options
}

export function AcademyProvider({ children }: { readonly children: ReactNode }) {
  const settings = readSettings(useAddress())
  const { source, plainUrl, isDebugging } = settings
  const [learner] = useKept(learnerStore)
  const [topic, setTopic] = useKept(topicStore)
  const socket = useWebSocket(optionsFor(settings, learner.userId))
  const isCutOff = useIsCutOff(socket.client.tidings)
  const academy = useMemo(() => {
    const study = (next: string | undefined) => {
      setTopic(next)
      if (next === undefined) return
      socket.send('study_session_start', { userId: learner.userId, topic: next, timestamp: Date.now() })
    }
    const shownName = learner.userName || 'Guest learner'
    return { socket, isCutOff, source, plainUrl, isDebugging, learner, shownName, topic, study }
  }, [socket, isCutOff, source, plainUrl, isDebugging, learner, topic, setTopic])
  return (
    <AcademyContext value={academy}>
      <TidingsProvider client={socket.client.tidings}>
        <Present />
        {children}
      </TidingsProvider>
    </AcademyContext>
  )
}

const ENTERED_AT = Date.now()

/** Others see that one is here, and what one studies; a plain server knows of nobody. */
function Present() {
  const { source, learner, shownName, topic } = useAcademy()
  const me = { userId: learner.userId, userName: shownName, topic, joinedAt: ENTERED_AT }
  usePresence(source === 'plain' ? null : studySessions(), me)
  return null
}
