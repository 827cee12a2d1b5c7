// Static pages beside the server, by `sirv`: `/hello` finds hello.html, hello/index.html, or else the index.html above
// it, so that a page may have routes of its own.

import { existsSync } from 'node:fs'
import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import { join } from 'node:path'
import sirv from 'sirv'
import { StartFailure } from './settings.ts'

/** Nothing is loaded from elsewhere, and no page of elsewhere frames these. Styles may be inline: components set them. */
const policy = (connects: readonly string[]) =>
  [
    "default-src 'self'",
    ...(connects.length > 0 ? [`connect-src ${["'self'", ...connects].join(' ')}`] : []),
    "img-src 'self' data:",
    "style-src 'self' 'unsafe-inline'",
    "base-uri 'self'",
    "object-src 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

/** `connects`: origins of other servers that the pages may talk to. Throws a StartFailure when the folder has no page. */
export function pagesListener(folder: string, connects: readonly string[] = []): RequestListener {
  if (!existsSync(join(folder, 'index.html'))) {
    throw new StartFailure(`There are no pages in ${folder}; build them first, or leave out "pages".`)
  }
  const serve = sirv(folder, {
    etag: true,
    extensions: ['html'],
    setHeaders(response, pathname) {
      // Names of assets carry a digest of their content; pages keep their names.
      response.setHeader(
        'cache-control',
        pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      )
      response.setHeader('content-security-policy', policy(connects))
      response.setHeader('x-content-type-options', 'nosniff')
      response.setHeader('referrer-policy', 'same-origin')
    },
  })
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD', 'content-length': 0 }).end()
      return
    }
    serveRoute(serve, request, response)
  }
}

type Serve = ReturnType<typeof sirv>

/** What a build writes. `/hello/release-2.4` ends in none of these: it is a page, whose name has a dot. */
const fileName =
  /^\/assets\/|\.(?:avif|css|gif|html?|ico|jpe?g|json|m?js|map|mp[34]|pdf|png|svg|ttf|txt|wasm|webm|webmanifest|webp|woff2?|xml)$/i

/**
 * Whether a page is a fitting answer. Browsers name text/html where they open one, and say with Sec-Fetch-Dest what all
 * else is for, so that a script which is missing stays missing; `curl` and link previews take what comes.
 */
function takesPages({ accept = '*/*', 'sec-fetch-dest': purpose }: IncomingHttpHeaders): boolean {
  return accept.includes('text/html') || (purpose === undefined && accept.trimStart().startsWith('*/*'))
}

/** A path without a file is a route of the page above it: `/hello/lobby` of `/hello`, and in the end of `/`. */
function serveRoute(serve: Serve, request: Parameters<Serve>[0], response: Parameters<Serve>[1]): void {
  const target = request.url ?? '/'
  serve(request, response, () => {
    const [path = '/'] = target.split('?')
    if (fileName.test(path) || path === '/' || !takesPages(request.headers)) {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('There is nothing here.\n')
      return
    }
    request.url = path.replace(/\/*[^/]*\/*$/, '') || '/'
    serveRoute(serve, request, response)
  })
}
