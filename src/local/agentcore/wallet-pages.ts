import type { IncomingMessage, ServerResponse } from 'node:http'
import { CONSENT_PATH, consent } from './data/consent.js'
import { AUTHORIZE_PATH, authenticate } from './control/quick-create.js'
import type { World } from './world/world.js'

/** Whether a path is one of the pages on which people consent. */
export function isPage(path: string): boolean {
  return path.startsWith(CONSENT_PATH) || path.startsWith(AUTHORIZE_PATH)
}

/** Serves such a page. Whoever opens it has consented. */
export function servePage(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): void {
  if (request.method !== 'GET') return void response.writeHead(405, { allow: 'GET' }).end()
  const isConsent = path.startsWith(CONSENT_PATH)
  const isDone = isConsent ? consent(world, path) : authenticate(world, path)
  const subject = isConsent ? 'The wallet' : 'The payment connector'
  const text = isDone
    ? `${subject} is yours to use: you agreed by opening this page.`
    : 'Nothing waits for you here: the address is unknown, or no longer good.'
  response.writeHead(isDone ? 200 : 404, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'",
    'cache-control': 'no-store',
  })
  response.end(`<!doctype html><title>Local payments service</title><p>${text}</p>\n`)
}
