// The service worker of one page of the site: lets it open without a network. The server always goes first. Where it
// says nothing, there is the page of the newest build that was met, with the files of that same build and no others, and
// of the page's own HTTP API what it said last.

export {}

declare const self: ServiceWorkerGlobalScope
/** Written in front of this file by the build. */
declare const BUILD: string
/** The files that each page needs, by its path. */
declare const PAGES: Readonly<Record<string, readonly string[]>>

/** Each page has a registration of its own: nobody keeps an app that was never opened. */
const PATH = new URL(self.registration.scope).pathname
const BELOW = PATH === '/' ? '/' : `${PATH}/`
const SHELLS = `shell ${PATH} `
const SHELL = `${SHELLS}${BUILD}`
const ANSWERS = `answers ${PATH}`
const MOST_ANSWERS = 50
/** A network that is there in name alone keeps nobody waiting for longer. */
const PATIENCE_MS = 3_000

self.addEventListener('install', (event) => {
  const keep = async () => {
    const shell = await caches.open(SHELL)
    await shell.addAll([new Request(PATH, { cache: 'no-cache' }), ...(PAGES[PATH] ?? [])])
    // A newer build takes over at once: what an open page still loads comes from the server, as without a worker.
    await self.skipWaiting()
  }
  event.waitUntil(keep())
})

self.addEventListener('activate', (event) => {
  const takeOver = async () => {
    for (const name of await caches.keys())
      if (name.startsWith(SHELLS) && name !== SHELL) await caches.delete(name)
    await self.clients.claim()
  }
  event.waitUntil(takeOver())
})

self.addEventListener('fetch', (event) => {
  const answer = answerTo(event.request)
  if (answer) event.respondWith(answer)
})

/** A page tells what it has loaded before its worker was there. */
self.addEventListener('message', (event) => {
  if (!Array.isArray(event.data)) return
  const asked = event.data.map((url) => answerTo(new Request(String(url)))?.catch(() => undefined))
  event.waitUntil(Promise.all(asked))
})

/** Undefined: none of its business. */
function answerTo(request: Request): Promise<Response> | undefined {
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== self.location.origin) return undefined
  if (request.mode === 'navigate') {
    const isOwn = pathname === PATH || (PATH !== '/' && pathname.startsWith(BELOW))
    return isOwn ? page(request) : undefined
  }
  if (pathname.startsWith('/assets/')) return asset(request)
  return pathname.startsWith(`${BELOW}api/`) ? fetched(request) : undefined
}

async function page(request: Request): Promise<Response> {
  const shell = await caches.open(SHELL)
  const kept = await shell.match(PATH, { ignoreVary: true })
  if (!kept) return fetch(request)
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS)
  try {
    const answer = await fetch(request, { signal: patience.signal })
    return answer.status < 500 ? answer : kept
  } catch {
    return kept
  } finally {
    clearTimeout(timer)
  }
}

/** Its name carries a digest of its content: the same name is the same file. */
async function asset(request: Request): Promise<Response> {
  const shell = await caches.open(SHELL)
  const kept = await shell.match(request, { ignoreVary: true })
  if (kept) return kept
  const answer = await fetch(request)
  if (answer.ok) await keepAnswer(shell, request, answer.clone())
  return answer
}

async function fetched(request: Request): Promise<Response> {
  const answers = await caches.open(ANSWERS)
  try {
    const answer = await fetch(request)
    if (!answer.ok) return answer
    const copy = answer.clone()
    // The newest stands last.
    await answers.delete(request)
    await keepAnswer(answers, request, copy)
    const [oldest, ...others] = await answers.keys()
    if (oldest && others.length >= MOST_ANSWERS) await answers.delete(oldest)
    return answer
  } catch (error) {
    const kept = await answers.match(request, { ignoreVary: true })
    if (kept) return kept
    throw error
  }
}

/** A browser without room keeps nothing; what has come is shown all the same. */
async function keepAnswer(cache: Cache, request: Request, answer: Response): Promise<void> {
  try {
    await cache.put(request, answer)
  } catch (error) {
    console.warn(`${request.url} will be missing without a network: ${error}`)
  }
}
