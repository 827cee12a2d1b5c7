// How anything else speaks in this room: the line to paste into a terminal. The key stays in the shell; no page holds one.

import { Code } from './code.tsx'

export function Backend({ room }: { room: string }) {
  return (
    <section className="card" aria-labelledby="backend-title">
      <h2 className="card-title" id="backend-title">
        From a backend
      </h2>
      <p className="card-note">
        Any language speaks here over HTTP. In the folder where the server was started:
      </p>
      <Code label="Command to publish a message" text={curlLine(room, window.location.origin)} />
    </section>
  )
}

/** Works as pasted in the folder that holds the server's data. */
export function curlLine(room: string, origin: string): string {
  return `curl ${origin}/v1/channels/hello%2F${encodeURIComponent(room)}/events \\
  -H "Authorization: Bearer $(cat .tidings/api-key)" \\
  -H "Content-Type: application/json" \\
  -d '{"type": "said", "data":
       {"name": "Terminal", "text": "Hello from curl"}}'`
}
