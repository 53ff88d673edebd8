import {
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { buffer } from 'node:stream/consumers'
import { listen } from '../chain/listen.js'

/** A request as the crook got it. */
export interface Got {
  method: string
  /** Path and query. */
  url: string
  headers: IncomingHttpHeaders
  body: Buffer
  /** The header that pays, if there is one. */
  payment: string | undefined
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

/** One exchange, which a trick may end as it likes. */
export interface Exchange {
  got: Got
  /** What the seller behind answers to this request, or to another in its place. */
  ask: (instead?: Partial<Got>) => Promise<Answer>
  reply: (answer: Partial<Answer>) => void
  /** Breaks the connection. */
  hangUp: () => void
}

export type Trick = (exchange: Exchange) => void | Promise<void>

export interface Crook {
  url: string
  requests: Got[]
  /** The requests that arrived with a payment. */
  paid: () => Got[]
  close: () => Promise<void>
}

/** A server in front of a real seller, which sees to it that something goes wrong. */
export async function startCrook(trick: Trick, seller?: { url: string }): Promise<Crook> {
  const requests: Got[] = []
  const { url, close } = await listen((request, response) => {
    void gotFrom(request)
      .then((got) => {
        requests.push(got)
        return trick(exchangeOf(got, response, seller?.url))
      })
      .catch((error: unknown) => response.destroy(error as Error))
  })
  const paid = () => requests.filter(({ payment }) => payment !== undefined)
  return { url, requests, paid, close }
}

/** A server on its own that takes what comes, to see whether anything does. */
export function startWitness(): Promise<Crook> {
  return startCrook(({ reply }) => reply({ status: 200, body: Buffer.from('seen') }))
}

async function gotFrom(request: IncomingMessage): Promise<Got> {
  const { method = '', url = '', headers } = request
  return { method, url, headers, body: await buffer(request), payment: paymentIn(headers) }
}

function paymentIn(headers: IncomingHttpHeaders): string | undefined {
  const names = ['payment-signature', 'x-payment', 'payment-authorization']
  const found = names.map((name) => headers[name]).find((value) => value !== undefined)
  if (found !== undefined) return String(found)
  const { authorization = '' } = headers
  return /^Payment /i.test(authorization) ? authorization : undefined
}

function exchangeOf(got: Got, response: ServerResponse, seller: string | undefined): Exchange {
  return {
    got,
    ask: (instead = {}) => asked(seller ?? '', { ...got, ...instead }),
    reply: ({ status = 200, headers = {}, body = Buffer.alloc(0) }) => {
      response.writeHead(status, headers).end(body)
    },
    hangUp: () => response.destroy(),
  }
}

/** The host goes along as it came, so that the seller takes the crook's address for its own. */
async function asked(seller: string, { method, url, headers, body }: Got): Promise<Answer> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest(seller + url, { method, headers, agent: false }, resolve)
      .once('error', reject)
      .end(body)
  })
  return {
    status: answer.statusCode ?? 0,
    headers: withoutFraming(answer.headers),
    body: await buffer(answer),
  }
}

/** Set again with the body that is sent. */
function withoutFraming(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const hop = ['transfer-encoding', 'content-length', 'connection', 'keep-alive', 'etag']
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hop.includes(name)))
}
