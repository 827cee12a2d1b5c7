// Who is here.

import { PresenceAvatars, PresenceList } from '@tidings/ui/presence-avatars'
import { type Content, contents } from '../content.ts'
import { Section, Specimen } from '../specimen.tsx'

export function PresenceSection({ content }: { content: Content }) {
  return (
    <Section
      id="presence"
      title="Presence"
      entry="presence-avatars"
      about="A few faces and a number. Everybody has a colour of their own, the same on every screen; names are one press away."
    >
      <Specimen title="Faces" note="Press them for names" span={2}>
        <PresenceAvatars people={content.people} you="p1" align="start" />
      </Specimen>
      <Specimen title="Many" span={2}>
        <PresenceAvatars people={contents.much.people} total={2_481} align="start" />
      </Specimen>
      <Specimen title="Nobody" span={2}>
        <PresenceAvatars people={[]} />
      </Specimen>
      <Specimen title="List" span={3} fill="edge">
        <PresenceList people={contents.usual.people} you="p1" />
      </Specimen>
      <Specimen title="A long list, and a long name" span={3} fill="edge">
        <PresenceList people={contents.much.people} />
      </Specimen>
    </Section>
  )
}
