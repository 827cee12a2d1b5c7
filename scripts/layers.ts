// Where every file stands. An import, of types too, goes to the same level or down, never up and never in a circle.
// A new file needs a line here: decide what it is, and put its name beside its kind. The first line that matches counts.
// scripts/check-layers.ts holds the sources against this table; ARCHITECTURE.md says why the levels are these.

export interface Layer {
  readonly level: number
  readonly files: readonly string[]
  /** Whether these files may use the platform: Node's modules, the page, the network, packages that do. Default: no. */
  readonly platform?: boolean
  /** Whether these files may use the machine's own time and chance. Everything else is given a Clock and a Chance. */
  readonly ambient?: boolean
}

export interface Rules {
  readonly layers: readonly Layer[]
  /** What each package may import of the others. A package that is not named here is an example and may import them all. */
  readonly packages: Readonly<Record<string, readonly string[]>>
  /** Dependencies that are nothing but values or types, and so may be imported at every level. */
  readonly pure: readonly string[]
}

export const rules: Rules = {
  packages: {
    '@tidings/core': [],
    '@tidings/client': ['@tidings/core'],
    '@tidings/react': ['@tidings/client', '@tidings/core'],
    '@tidings/ui': ['@tidings/react', '@tidings/client', '@tidings/core'],
    '@tidings/server': ['@tidings/core'],
    '@tidings/testing': ['@tidings/core', '@tidings/client', '@tidings/server', '@tidings/react'],
    '@tidings/cli': ['@tidings/core', '@tidings/client', '@tidings/server', '@tidings/testing'],
  },

  pure: ['@standard-schema/spec'],

  layers: [
    // 1: ports, and what needs only their types. The first line is the only place that touches time and chance.
    { level: 1, files: names('core', 'clock chance'), ambient: true },
    { level: 1, files: names('core', 'socket backoff emitter index') },
    // The virtual clock lets the platform's own turns go by between two moments of its own.
    { level: 1, files: names('core/testing', 'virtual-clock'), ambient: true },
    {
      level: 1,
      files: names('core/testing', 'fake-broadcast fake-browser fake-locks index seeded-chance socket-pair'),
    },
    {
      level: 1,
      files: [
        ...names('client', 'ports storage'),
        ...names('client/tabs', 'lane ports'),
        ...names('client/plain', 'dialect'),
      ],
    },
    { level: 1, files: names('server', 'authority broker') },

    // 0: values and pure functions.
    {
      level: 0,
      files: names('core', 'advice codec contract errors fold frames position schema shape status'),
    },

    // 2: machines. They decide, and never wait.
    {
      level: 2,
      files: names(
        'client',
        'connection cursor frame input outbox presence record requests source view write',
      ),
    },
    { level: 2, files: names('client/tabs', 'messages') },
    {
      level: 2,
      files: names(
        'server',
        'anonymous api-keys batch cookies error-frame inbound limits observe origins outbound party',
        'presence rates reader recent room rooms strangers tail turn waiting',
      ),
    },

    // 3: drivers. They do what machines decided, through ports.
    {
      level: 3,
      files: names(
        'client',
        'alarm attendance calls channel courier driver exchange folding inbox link loading subscription throttle whole-channel',
        'claims durable heirs keeper ledger',
      ),
    },
    {
      level: 3,
      files: [
        ...names('client/plain', 'connection link log'),
        ...names('client/sse', 'event-stream sse-socket'),
      ],
    },
    { level: 3, files: names('client/tabs', 'holder line lock once tab tab-socket trunk watch') },
    {
      level: 3,
      files: names(
        'server',
        'backlog calls cursor feed feeds history hub lanes publishing requests session session-host subscription subscriptions views',
      ),
    },
    {
      level: 3,
      files: names(
        'server/http',
        'append asker cors event-body event-stream event-streams exchange health history problem router',
        'stream-socket stream-sockets',
        'write-identity',
      ),
    },

    { level: 3, files: names('server/plain', 'endpoint message session sessions') },

    // 4: adapters. From here on the platform may be used.
    { level: 4, files: names('client', 'lifecycle report websocket file indexeddb'), platform: true },
    { level: 4, files: names('client/file', 'journal lock storage'), platform: true },
    { level: 4, files: names('client/indexeddb', 'database storage'), platform: true },
    { level: 4, files: names('client/tabs', 'platform'), platform: true },
    {
      level: 4,
      files: names(
        'server',
        'address crumbs data-folder deflate-offers deflated-frames http-server jwt log metrics narrate pages settings text-frames websocket websocket-adapter',
      ),
      platform: true,
    },
    {
      level: 4,
      files: [...names('server/http', 'head node take-part'), 'packages/server/src/brokers/*.ts'],
      platform: true,
    },

    // 5: roots. They choose the defaults and put everything together.
    {
      level: 5,
      files: [
        ...names('client', 'assembly client events index plain sse tabs'),
        ...names('client/plain', 'plain-dial'),
        ...names('client/sse', 'fallback-dial sse-dial'),
        ...names('client/tabs', 'once-per-person shared-dial'),
      ],
      platform: true,
    },
    { level: 5, files: names('server', 'server run index parts'), platform: true },

    { level: 6, files: ['packages/{react,ui}/src/**/*.{ts,tsx}'], platform: true },
    // As the virtual clock's, by the hundred.
    { level: 7, files: names('testing/simulation', 'turns'), platform: true, ambient: true },
    { level: 7, files: ['packages/testing/src/**/*.{ts,tsx}'], platform: true },
    { level: 8, files: ['packages/cli/src/**/*.ts'], platform: true },
    // Applications, not library: they show how an app is written, so they may look at the clock.
    { level: 8, files: ['examples/**/*.{ts,tsx}'], platform: true, ambient: true },
  ],
}

function names(folder: string, ...lists: readonly string[]): string[] {
  const [name, ...inside] = folder.split('/')
  const path = ['packages', name, 'src', ...inside].join('/')
  return lists.flatMap((list) => list.split(' ')).map((file) => `${path}/${file}.ts`)
}
