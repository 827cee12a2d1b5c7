// An address that cannot name a room: what is wrong with it, and the way out.

import { Mark } from './icon.tsx'

export function NoSuchRoom({ name }: { name: string }) {
  return (
    <main className="empty">
      <Mark />
      <h1 className="empty-title">
        There cannot be a room “<bdi>{name}</bdi>”
      </h1>
      <p>A room’s name is made of letters, digits and a few marks such as - and _, without spaces.</p>
      <p>
        <a href="/hello">Go to the lobby</a>
      </p>
    </main>
  )
}
