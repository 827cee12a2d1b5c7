// Badges in all variants and sizes, the live badge and the highlight.

import { Badge, NotificationBadge, StatusBadge, type Variant } from '@tidings/ui/badge'
import { Highlight } from '@tidings/ui/highlight'
import { LiveBadge, useLiveBadge } from '@tidings/ui/live-badge'
import { RelativeTime } from '@tidings/ui/relative-time'
import { useState } from 'react'
import { type Content, now } from '../content.ts'
import { Section, Specimen } from '../specimen.tsx'

const variants: readonly Variant[] = ['default', 'primary', 'success', 'warning', 'error', 'info']
const states: readonly (readonly [Variant, string])[] = [
  ['default', 'Draft'],
  ['info', 'Sent'],
  ['primary', 'In review'],
  ['warning', 'Waiting for you'],
  ['success', 'Offer'],
  ['error', 'Declined'],
]

export function BadgesSection({ content }: { content: Content }) {
  const [turn, setTurn] = useState(0)
  return (
    <Section
      id="badges"
      title="Badges"
      entry="badge, live-badge, highlight"
      about="Small marks on other things. A colour never stands alone, a number never wobbles, and whatever moves comes to rest."
    >
      <Specimen title="Badge" span={3}>
        <div className="rows">
          {(['sm', 'md', 'lg'] as const).map((size) => (
            <div className="in-a-row" key={size}>
              {variants.map((variant) => (
                <Badge key={variant} variant={variant} size={size}>
                  {variant.charAt(0).toUpperCase() + variant.slice(1)}
                </Badge>
              ))}
            </div>
          ))}
        </div>
      </Specimen>
      <Specimen title="Status badge" span={3}>
        <div className="in-a-row">
          {states.map(([variant, word]) => (
            <StatusBadge key={word} variant={variant}>
              {word}
            </StatusBadge>
          ))}
        </div>
      </Specimen>
      <Specimen title="Notification badge" span={3}>
        <div className="in-a-row" data-wide="">
          <NotificationBadge count={content.count} hasZero />
          <NotificationBadge count={99} variant="error" />
          <NotificationBadge count={100} variant="error" />
          <NotificationBadge count={12} variant="default" />
          <NotificationBadge count={content.count}>
            <span className="mock-link">Jobs</span>
          </NotificationBadge>
        </div>
      </Specimen>
      <Specimen title="Movement" note="Three rings, then rest" span={3}>
        <div className="in-a-row" key={turn}>
          <Badge variant="primary" animate pulse>
            New
          </Badge>
          <StatusBadge variant="warning" pulse>
            Reconnecting
          </StatusBadge>
          <button type="button" className="td-button" onClick={() => setTurn(turn + 1)}>
            Again
          </button>
        </div>
      </Specimen>
      <Specimen title="Live badge and highlight" note="Fades within 1.5 seconds" span={6} fill="width">
        <Goal />
      </Specimen>
    </Section>
  )
}

function Goal() {
  const [{ progress, at }, setReading] = useState({ progress: 62, at: now })
  const { showBadge, triggerBadge } = useLiveBadge()
  const update = () => {
    setReading({ progress: (progress + 3) % 100, at: Date.now() })
    triggerBadge()
  }
  return (
    <Highlight value={at} className="goal">
      <div className="goal-words">
        <p className="goal-title">
          Cut churn in the first month <LiveBadge show={showBadge} />
        </p>
        <p className="goal-about">
          <span className="td-tabular">{progress} %</span> of the way · <RelativeTime at={at} />
        </p>
      </div>
      <button type="button" className="td-button" onClick={update}>
        Update it
      </button>
    </Highlight>
  )
}
