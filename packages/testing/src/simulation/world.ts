// The simulated world: tabs, nodes, the network between them, the log behind them, and the ledger that watches. It can
// be acted upon (deeds/) and looked at (rest.ts); what happens when is simulate.ts's affair.

import type { Chance } from '@tidings/core'
import { seededChance } from '@tidings/core/testing'
import { defaultLimits, type Happening, type Limits } from '@tidings/server'
import { Authors } from './authors.ts'
import { Backend } from './backend.ts'
import { type Browser, openBrowsers } from './browser.ts'
import { Ledger } from './ledger.ts'
import { Machine } from './machine.ts'
import { Network } from './network.ts'
import { Rights } from './rights.ts'
import type { Seams } from './seams.ts'
import { ServerNode } from './server-node.ts'
import type { Shape } from './shape.ts'
import { SheetApi } from './sheet-api.ts'
import { openStore, type Store } from './store.ts'
import { Surveillance } from './surveillance.ts'
import { Tab } from './tab.ts'
import { Timeline } from './timeline.ts'
import { Trace } from './trace.ts'
import type { Complain, Violation } from './violation.ts'

export interface WorldOptions {
  readonly seams?: Seams | undefined
  /** Whether the trace keeps its lines. */
  readonly isTraced?: boolean | undefined
}

/** How long a page may be silent before its record is free for others, where the platform does not hold it. Milliseconds. */
const LEASE_MS = 8_000

export class World {
  readonly shape: Shape
  readonly limits: Limits
  readonly timeline = new Timeline()
  readonly trace: Trace
  readonly violations: Violation[] = []
  readonly ledger: Ledger
  readonly authors = new Authors()
  readonly rights: Rights
  readonly surveillance: Surveillance
  readonly network: Network
  /** What the log, and the issuer of tokens, take for the time. */
  readonly storeMachine: Machine
  readonly store: Store
  readonly backend: Backend
  /** Every tab that ever was, and the one that is open in each place. */
  readonly allTabs: Tab[] = []
  readonly tabs: Tab[] = []
  /** The one of each place. */
  readonly browsers: readonly Browser[]
  /** Every node that ever was, and the one that runs in each place. */
  readonly allNodes: ServerNode[] = []
  readonly nodes: ServerNode[] = []
  readonly #seams: Seams
  readonly #balance: Chance
  readonly #sheets: SheetApi
  #made = 0
  /** Entries that nodes say they appended. */
  #appended = 0
  /** Connections that nodes say were opened, and closed. */
  #opened = 0
  #closed = 0

  constructor(shape: Shape, { seams = {}, isTraced = false }: WorldOptions = {}) {
    const { timeline } = this
    this.shape = shape
    this.#seams = seams
    this.#balance = this.chance('balance')
    this.limits = { ...defaultLimits, ...shape.limits }
    this.trace = new Trace(() => timeline.now, isTraced)
    this.ledger = new Ledger(this.complain, (n) => this.#orderOf(n))
    this.rights = new Rights(() => timeline.now, this.limits.recheckMs)
    const { ledger, trace, rights, limits, complain } = this
    this.surveillance = new Surveillance({
      ledger,
      trace,
      rights,
      limits,
      complain,
      seams,
      now: () => timeline.now,
      authors: this.authors,
    })
    this.network = new Network({
      timeline,
      chance: this.chance('network'),
      latencyMs: shape.latencyMs,
      windowBytes: shape.windowBytes,
      pick: () => this.pick(),
      watch: this.surveillance,
    })
    this.storeMachine = new Machine(timeline)
    this.store = openStore({
      ...{ shape, timeline, ledger, machine: this.storeMachine },
      chance: this.chance('store'),
      report: (error) => this.#fault('the log', error),
    })
    this.#sheets = new SheetApi({ ledger, headOf: (channel) => this.store.head(channel) })
    this.backend = new Backend({
      timeline,
      chance: this.chance('backend'),
      pick: () => this.pick(),
      note: (what) => trace.note('backend', what),
    })
    for (let place = 0; place < shape.nodes; place++) this.startNode(place)
    this.browsers = openBrowsers({
      ...{ shape, timeline, seams },
      complain: this.complain,
      chance: (part) => this.chance(part),
    })
    for (const [place, channels] of shape.subscribed.entries()) {
      const tab = this.openTab(place)
      for (const channel of channels) tab.reading(channel).open()
    }
  }

  /** Chance of its own for each part, so that one of them drawing more does not change the others. */
  chance(part: string): Chance {
    let mixed = this.shape.seed | 0
    for (let i = 0; i < part.length; i++)
      mixed = Math.imul(mixed ^ part.charCodeAt(i), 0x01000193) ^ (mixed >>> 13)
    return seededChance(mixed)
  }

  readonly complain: Complain = (harm, rule, message) => {
    this.violations.push({ harm, rule, message, at: this.timeline.now })
    this.trace.note('checker', `${harm} [${rule}] ${message}`)
  }

  /** A node that takes on connections: what a load balancer would choose. */
  pick(): ServerNode | undefined {
    const listed = this.nodes.filter((node) => node.isListed && node.isRunning)
    return listed[Math.floor(this.#balance.fraction() * listed.length)]
  }

  startNode(place: number): void {
    const name = `node${place}.${++this.#made}`
    const { timeline, rights, shape } = this
    const node = new ServerNode({
      ...{ name, timeline },
      chance: this.chance(name),
      limits: { ...shape.limits, ...this.#seams.limits },
      authorize: ({ identity, channel }) => rights.isAllowed(identity.user, channel),
      isRefused: (user) => rights.isRefused(user),
      openLog: (machine) => this.store.open(machine),
      wrapLog: this.#seams.broker,
      observe: (happening) => this.#observe(name, happening),
    })
    this.nodes[place] = node
    this.allNodes.push(node)
    this.trace.note(name, 'starts')
  }

  /** The node is gone. Its clients are told after `toldAfterMs`, or never. */
  killNode(place: number, toldAfterMs: number | undefined): void {
    const node = this.nodes[place]
    if (!node || node.machine.isDead) return
    this.trace.note(node.name, 'dies')
    node.kill()
    for (const link of this.network.links({ destination: node.name })) link.orphan('server', toldAfterMs)
  }

  openTab(place: number): Tab {
    const person = this.shape.tabs[place] as string
    const name = `tab${place}.${++this.#made}`
    const { shape, timeline, ledger, authors, trace, complain } = this
    const browser = this.browsers[place] as Browser
    const tab = new Tab({
      ...{ name, person, shape, browser, authors, timeline, ledger, trace, complain },
      orderOf: (n) => this.#orderOf(n),
      seams: this.#seams,
      chance: this.chance(name),
      dial: (caller, handlers) => this.network.dial(caller, handlers),
      sheets: this.#sheets,
      wall: () => this.storeMachine.now(),
      replayEntries: this.limits.replayEntries,
    })
    this.tabs[place] = tab
    this.allTabs.push(tab)
    browser.effects.disturbed()
    browser.effects.came(tab)
    return tab
  }

  /** The page in this place is gone; a new one is opened after `forMs`. Its connection's server hears of it, or not. */
  killTab(place: number, { forMs, isSilent }: { readonly forMs: number; readonly isSilent: boolean }): void {
    const tab = this.tabs[place]
    if (!tab || tab.isClosed) return
    this.trace.note(tab.name, 'is killed')
    tab.browser.effects.disturbed()
    tab.kill(isSilent)
    for (const link of this.network.links({ caller: tab.name }))
      link.orphan('client', isSilent ? undefined : 0)
    this.timeline.after(forMs, () => this.reopenTab(place))
  }

  /** The page stands still for a while. `isTold`: the browser says so. */
  freezeTab(place: number, { forMs, isTold }: { readonly forMs: number; readonly isTold: boolean }): void {
    const tab = this.tabs[place]
    if (!tab?.machine.isRunning || tab.isClosed) return
    if (isTold) tab.hint('frozen')
    tab.machine.freeze()
    const { effects } = tab.browser
    effects.disturbed()
    effects.went(tab)
    this.timeline.after(forMs, () => {
      effects.disturbed()
      if (!tab.machine.isDead) effects.came(tab)
      tab.machine.thaw()
      if (isTold) tab.machine.run(() => tab.hint('resumed'))
    })
    const { page, machine } = tab
    if (page?.isExclusive || forMs <= LEASE_MS) return
    this.timeline.after(LEASE_MS, () => machine.isRunning || tab.loseRecord())
  }

  /** The person opens the place again, and looks at what is usually looked at there. */
  reopenTab(place: number): void {
    const next = this.openTab(place)
    for (const channel of this.shape.subscribed[place] ?? []) next.reading(channel).open()
  }

  /** Who shares a machine with the tab in this place, itself included. */
  deviceOf(place: number): readonly Tab[] {
    const browser = this.browsers[place]
    return this.tabs.filter((tab) => tab.browser === browser)
  }

  /** Whose connection a tab uses: its own, or that of the tab which has it for the whole browser. */
  carrierOf(place: number): string {
    const tab = this.tabs[place]
    const holder = this.deviceOf(place).find((other) => other.isHolder && !other.isClosed)
    return (holder ?? tab)?.name ?? ''
  }

  /** Looks at what every tab shows. */
  check(): void {
    for (const tab of this.tabs) tab.check()
  }

  /** From here on nothing goes wrong any more; what was broken takes its time to recover. */
  heal(): void {
    this.trace.note('plan', 'everything is made well')
    this.network.heal()
    for (const browser of new Set(this.browsers)) browser.heal()
    this.store.setDown(false)
    this.rights.restore()
    for (const node of this.nodes) {
      node.access.setDeaf(false)
      node.access.setCutOff(false)
    }
    for (const { machine } of [...this.tabs, ...this.nodes]) machine.setRight()
  }

  /** What people do when the application tells them that it has given up, or that they may not. */
  comfort(): void {
    for (const [place, tab] of this.tabs.entries()) {
      // Who waits for a disk that will never answer opens the page again.
      if (tab.browser.isStuck && !tab.isClosed) this.killTab(place, { forMs: 100, isSilent: false })
      else if (tab.needsComfort) tab.tryAgain()
      else if (tab.needsUse) tab.client.connect()
    }
    for (const browser of this.browsers) browser.isStuck = false
  }

  close(): void {
    this.trace.note('plan', 'everything is closed')
    for (const tab of this.tabs) if (!tab.isClosed) tab.close()
    for (const node of this.nodes) void node.close()
  }

  /** [Q9] What the nodes counted is what happened. */
  checkCounters(): void {
    const died = this.allNodes.some(({ machine }) => machine.isDead)
    // A node that died may have appended what it never counted.
    if (this.#appended > this.ledger.entries || (!died && this.#appended < this.ledger.entries)) {
      this.complain(
        'silent',
        'Q9',
        `nodes counted ${this.#appended} entries, of ${this.ledger.entries} that there were`,
      )
    }
    if (!died && this.#opened !== this.#closed) {
      this.complain(
        'silent',
        'Q9',
        `nodes counted ${this.#opened} connections that opened and ${this.#closed} that closed`,
      )
    }
  }

  /**
   * Pages that go on with one another's record one after the other keep the order of all their writes. Where a page may find
   * that its record is another's, and take its writes elsewhere, each page keeps its own.
   */
  #orderOf(n: number): string | undefined {
    const { disk, tabs, browsers } = this.shape
    if (!disk) return undefined
    const isOnePersons = browsers === undefined || new Set(tabs).size === 1
    // [OB4] What is nobody's is sent when somebody has claimed it.
    const isOneRecords = disk.isExclusive && disk.isNamed && isOnePersons
    return isOneRecords ? undefined : this.authors.of(n)?.tab
  }

  #observe(node: string, happening: Happening): void {
    switch (happening.name) {
      case 'appended':
        if (!happening.isDuplicate) this.#appended += happening.entries
        break
      case 'connectionOpened':
        this.#opened++
        break
      case 'connectionClosed':
        this.#closed++
        break
      case 'fault':
        this.#fault(`${node}, ${happening.where}`, happening.error)
        break
    }
    this.trace.note(node, happening.name)
  }

  /** A log that cannot be reached is no fault of anybody's here. */
  #fault(where: string, error: unknown): void {
    const { code, message = String(error) } = error as { readonly code?: string; readonly message?: string }
    if (code !== 'unavailable') this.complain('silent', 'fault', `${where}: ${message}`)
  }
}
