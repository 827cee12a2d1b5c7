// The feed, and what is said to somebody who comes back.

import { type Activity, ActivityFeed } from '@tidings/ui/activity-feed'
import { ContinuityNotice } from '@tidings/ui/continuity-notice'
import { useState } from 'react'
import { type Content, now } from '../content.ts'
import { Section, Specimen } from '../specimen.tsx'

const news = [
  ['Ingrid Solberg', 'completed the action “Call the five who left”'],
  ['Tomás Ferreira', 'reassigned “Price page” to Priya Raman'],
  ['Priya Raman', 'added a reading: 3.9 %'],
] as const

export function ActivitySection({ content }: { content: Content }) {
  return (
    <Section
      id="activity"
      title="Activity"
      entry="activity-feed, continuity-notice"
      about="Newest first, under its days. Whoever reads is not pushed: what comes waits above. Whoever comes back gets one line instead of seven."
    >
      <Specimen title="While you were away" span={6} fill="width">
        <ContinuityNotice
          missed={7}
          since={now - 42 * 60_000}
          summary={[
            { label: 'job matches', count: 4 },
            { label: 'application moved', count: 1 },
            { label: 'messages', count: 2 },
          ]}
          onShow={() => undefined}
          onDismiss={() => undefined}
        />
      </Specimen>
      <Specimen title="History is gone" span={6} fill="width">
        <ContinuityNotice missed={0} hasGap onDismiss={() => undefined} />
      </Specimen>
      <Specimen title="Feed" note="Point at it, then let something happen" span={6} fill="edge">
        <LiveFeed activities={content.activities} />
      </Specimen>
      <Specimen title="Empty" span={3} fill="edge">
        <ActivityFeed activities={[]} label="Activity of a new goal" />
      </Specimen>
      <Specimen title="Loading" span={3} fill="edge">
        <ActivityFeed activities={undefined} label="Activity on its way" />
      </Specimen>
    </Section>
  )
}

function LiveFeed({ activities }: { activities: readonly Activity[] }) {
  const [items, setItems] = useState(activities)
  const add = () => {
    const [actor, content] = news[items.length % news.length] ?? news[0]
    setItems([{ id: `new ${Date.now()}`, at: Date.now(), actor, content }, ...items])
  }
  return (
    <>
      <div className="scroll-stage">
        <ActivityFeed activities={items} label="Activity of the goal" />
      </div>
      <div className="stage-foot">
        <button type="button" className="td-button" onClick={add}>
          Let something happen
        </button>
      </div>
    </>
  )
}
