// Clients that people use for the same purpose, and what a page that uses each takes of it.

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Peer {
  readonly name: string
  readonly version: string
  readonly code: string
  readonly note?: string
}

export const peers: readonly Peer[] = [
  { name: 'socket.io-client', version: '4.8.4', code: `export { io } from 'socket.io-client'` },
  { name: 'centrifuge', version: '5.8.0', code: `export { Centrifuge } from 'centrifuge'` },
  { name: 'ably', version: '2.28.0', code: `export { Realtime } from 'ably'` },
  {
    name: 'ably',
    version: '2.28.0',
    note: 'modular, smallest',
    code: `export { BaseRealtime, FetchRequest, WebSocketTransport } from 'ably/modular'`,
  },
  { name: 'pusher-js', version: '8.6.0', code: `export { default } from 'pusher-js'` },
  { name: 'phoenix', version: '1.8.16', code: `export { Socket } from 'phoenix'` },
  { name: 'partysocket', version: '1.3.0', code: `export { default } from 'partysocket'` },
]

/** In a folder of their own: nothing else of the project has to wait for them. */
export function installPeers(folder: string): void {
  const dependencies = Object.fromEntries(peers.map(({ name, version }) => [name, version]))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }))
  const { status, stderr } = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`npm could not install the peers:\n${stderr}`)
}
