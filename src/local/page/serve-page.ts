import type { IncomingMessage, ServerResponse } from 'node:http'
import { isRecord, parseJson } from '../../wire/json.js'
import { SERVED } from '../http/journal.js'
import { comesFromHere } from '../http/loopback.js'
import { readBody } from '../http/read-body.js'
import { sendJson } from '../http/send-json.js'
import { EventStream } from './event-stream.js'
import type {
  MadeCall,
  PagePayments,
  PageState,
  PageTools,
  WantedCall,
  WantedFault,
} from './messages.js'
import type { PageAssumptions } from './page-assumptions.js'
import type { PageCalls } from './page-calls.js'
import { FAULT_CHOICES, type PageFaults } from './page-faults.js'
import { pageFile } from './page-files.js'
import { TOKEN_HEADER, PageToken } from './page-token.js'

/** The paths of the page, besides `/`. */
const PREFIX = '/page/'
const MAX_BODY_BYTES = 1024 * 1024
/** How long after a call its balances are sent, so that many calls at once send them once. Unit: ms. */
const STATE_DELAY_MS = 150

/** The state, without what the page itself has set. */
type StackState = Omit<PageState, 'faults' | 'faultChoices' | 'assumptions'>

/** What the page shows and changes. */
export interface PageParts {
  readonly calls: PageCalls
  readonly faults: PageFaults
  readonly assumptions: PageAssumptions
  readonly state: () => Promise<StackState>
  readonly tools: () => Promise<PageTools>
  readonly payments: () => Promise<PagePayments>
  readonly call: (wanted: WantedCall) => Promise<MadeCall>
}

/** The page of a stack. */
export interface LocalPage {
  /** @returns false for requests that are not the page's. */
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>
  close: () => void
}

interface Asked {
  readonly parts: PageParts
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly streams: Set<EventStream>
}

export function createPage(parts: PageParts): LocalPage {
  const token = new PageToken()
  const streams = new Set<EventStream>()
  return {
    async handle(request, response) {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost')
      // Calls are kept before the page is opened if somebody has their lines printed.
      if (SERVED.hasSubscribers) parts.calls.watch(request.socket.localPort ?? 0)
      const isStart = pathname === '/' && request.headers.accept?.includes('text/html') === true
      if (!isStart && !pathname.startsWith(PREFIX)) return false
      const asked = { parts, request, response, streams }
      if (!comesFromHere(request)) refuse(response, 403, 'Host and Origin must be of this machine')
      else if (isStart) {
        parts.calls.watch(request.socket.localPort ?? 0)
        await sendFile(response, 'index.html', token)
      } else if (!pathname.startsWith(`${PREFIX}api/`)) {
        await sendFile(response, pathname.slice(PREFIX.length), token)
      } else if (!token.isIn(request)) refuse(response, 403, `${TOKEN_HEADER} is missing or wrong`)
      else await answerApi(pathname.slice(`${PREFIX}api/`.length), asked)
      return true
    },
    close() {
      for (const stream of streams) stream.end()
      parts.calls.stop()
    },
  }
}

/** Nothing is loaded from elsewhere, and no other page may show this one in a frame. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

async function sendFile(response: ServerResponse, name: string, token: PageToken): Promise<void> {
  const file = await pageFile(name)
  if (file === undefined) return refuse(response, 404, `no file of the page: ${name.slice(0, 80)}`)
  const text = file.text.replace('{{token}}', token.text)
  response.writeHead(200, { ...HEADERS, 'content-type': file.type }).end(text)
}

function refuse(response: ServerResponse, status: number, message: string): void {
  sendJson(response, status, {}, { message })
}

async function answerApi(name: string, asked: Asked): Promise<void> {
  const { request, response } = asked
  const route = `${request.method} ${name}`
  if (!Object.hasOwn(ROUTES, route)) return refuse(response, 404, `not served here: ${route}`)
  try {
    await ROUTES[route]?.(asked)
  } catch (error) {
    if (response.headersSent) response.destroy()
    else refuse(response, 500, (error as Error).message)
  }
}

const ROUTES: Readonly<Record<string, (asked: Asked) => Promise<void>>> = {
  'GET events': sendEvents,
  'GET tools': async ({ parts, response }) => sendJson(response, 200, {}, await parts.tools()),
  'GET payments': async ({ parts, response }) =>
    sendJson(response, 200, {}, await parts.payments()),
  'POST call': async (asked) => {
    const wanted = await bodyOf(asked)
    const { tool, arguments: args = {}, pay } = wanted
    const isPay = pay === 'nothing' || pay === 'credits' || pay === 'money'
    if (typeof tool !== 'string' || !isRecord(args) || !isPay) {
      return refuse(asked.response, 400, 'expected tool, arguments and pay')
    }
    sendJson(asked.response, 200, {}, await asked.parts.call({ tool, arguments: args, pay }))
  },
  'POST fault': async (asked) => {
    const wanted = (await bodyOf(asked)) as unknown as WantedFault
    await changed(asked, asked.parts.faults.set(wanted))
  },
  'POST no-fault': async (asked) => {
    asked.parts.faults.remove(Number((await bodyOf(asked))['id']))
    await changed(asked, undefined)
  },
  'POST assumption': async (asked) => {
    const { name, value } = await bodyOf(asked)
    await changed(asked, asked.parts.assumptions.set(String(name), String(value)))
  },
}

async function bodyOf({ request }: Asked): Promise<Record<string, unknown>> {
  const bytes = await readBody(request, MAX_BODY_BYTES)
  const body = parseJson(bytes?.toString() ?? '')
  return isRecord(body) ? body : {}
}

/** Answers a change, and tells every open page. */
async function changed({ parts, response, streams }: Asked, problem: string | undefined) {
  if (problem !== undefined) return refuse(response, 400, problem)
  const state = await wholeState(parts)
  for (const stream of streams) stream.send('state', state)
  sendJson(response, 200, {}, {})
}

async function wholeState(parts: PageParts): Promise<PageState> {
  const state = await parts.state()
  return {
    ...state,
    faults: parts.faults.list(),
    faultChoices: FAULT_CHOICES,
    assumptions: parts.assumptions.list(),
  }
}

/** Sends the calls so far, every call from now on, and after each what has changed. */
async function sendEvents({ parts, request, response, streams }: Asked): Promise<void> {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost')
  let waiting: NodeJS.Timeout | undefined
  const stream = new EventStream(response, () => {
    clearTimeout(waiting)
    streams.delete(stream)
    stopListening()
  })
  const sendState = async (): Promise<void> => {
    waiting = undefined
    stream.send('state', await wholeState(parts))
  }
  const stopListening = parts.calls.listen((call) => {
    stream.send('calls', [call])
    waiting ??= setTimeout(() => void sendState().catch(() => undefined), STATE_DELAY_MS).unref()
  })
  streams.add(stream)
  stream.send('calls', parts.calls.after(Number(searchParams.get('after') ?? 0)))
  await sendState()
}
