import { type IncomingMessage, type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * A moment in a sale: `before` a request of a container is carried out, or after that, while nobody has read
 * the answer.
 */
export interface Moment {
  /** The request, as {@link Crossing.steps} names it. */
  step: string
  when: 'before' | 'after'
}

/** The URLs of everything outside a container. */
export interface Outside {
  table: string
  facilitators: string
  work: string
  /** The URL that `onRefundDue` reports to. The body is the id of the refund. */
  hook: string
}

/**
 * A proxy between containers and everything outside them: table, facilitators, and the work of a handler. A
 * container can be stopped here at any moment that others could know of.
 */
export interface Crossing {
  outside: Outside
  /** The requests so far, in order. */
  steps: string[]
  /** Does something at a moment, once. If it throws, the request gets no further. */
  at: (moment: Moment, act: () => unknown) => void
  /** How often the work was done. */
  runs: () => number
  /** The ids of the refunds that the hook got. */
  refunds: string[]
  close: () => Promise<void>
}

/**
 * Two steps that a container asks for at once. One comes first here, so that every test has the same order.
 */
const ORDER = [
  ['PutItem unverified', 'verify'],
  ['PutItem answer', 'UpdateItem settling answered'],
] as const

function turn() {
  let goOn = (): void => undefined
  const come = new Promise<void>((resolve) => (goOn = resolve))
  return { come, goOn }
}

export async function openCrossing(
  upstream: Pick<Outside, 'table' | 'facilitators'>,
): Promise<Crossing> {
  const steps: string[] = []
  const refunds: string[] = []
  let runs = 0
  const turns = ORDER.map(([first, second]) => ({ first, second, ...turn() }))
  let planned: { moment: Moment; act: () => unknown } | undefined
  /**
   * Does what was set for a moment.
   *
   * @returns whether something was set
   */
  const reach = async (step: string, when: Moment['when']): Promise<boolean> => {
    if (planned?.moment.step !== step || planned.moment.when !== when) return false
    const { act } = planned
    planned = undefined
    await act()
    return true
  }
  const through = async <T>(name: string, carryOut: () => Promise<T>): Promise<T> => {
    for (const { second, come } of turns) if (second === name) await come
    const times = steps.filter((one) => one.startsWith(name)).length
    const step = times === 0 ? name : `${name} again`
    steps.push(step)
    await reach(step, 'before')
    const answer = await carryOut()
    const isStopped = await reach(step, 'after')
    for (const { first, goOn } of turns) if (first === name && !isStopped) goOn()
    return answer
  }
  const servers = await Promise.all([
    listening((request) => through(stepOfTable(request), () => sent(upstream.table, request))),
    listening((request) =>
      through(stepOfFacilitator(request), () => sent(upstream.facilitators, request)),
    ),
    listening(() =>
      through('work', async () => {
        runs += 1
        return DONE
      }),
    ),
    listening(({ body }) =>
      through('hook', async () => {
        refunds.push(body.toString())
        return DONE
      }),
    ),
  ])
  const [table = '', facilitators = '', work = '', hook = ''] = servers.map(urlOf)
  return {
    outside: { table, facilitators, work, hook },
    steps,
    at: (moment, act) => void (planned = { moment, act }),
    runs: () => runs,
    refunds,
    async close() {
      await Promise.all(
        servers.map((server) => {
          const closed = new Promise((resolve) => void server.close(resolve))
          server.closeAllConnections()
          return closed
        }),
      )
    },
  }
}

interface Request {
  method: string
  path: string
  headers: Record<string, string>
  body: Buffer
}

interface Answer {
  status: number
  headers: Record<string, string>
  body: Buffer
}

const DONE: Answer = { status: 200, headers: {}, body: Buffer.alloc(0) }

async function listening(answerTo: (request: Request) => Promise<Answer>): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    void read(incoming)
      .then(answerTo)
      .then(
        ({ status, headers, body }) => outgoing.writeHead(status, headers).end(body),
        () => outgoing.destroy(),
      )
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return server
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Headers that belong to one connection. */
const OF_THE_WAY = new Set([
  ...['host', 'connection', 'keep-alive', 'content-length', 'transfer-encoding', 'expect'],
  ...['content-encoding', 'accept-encoding'],
])

async function read(incoming: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const { method = 'GET', url = '/', headers } = incoming
  return {
    ...{ method, path: url, body: Buffer.concat(chunks) },
    headers: forwarded(Object.entries(headers) as [string, string][]),
  }
}

function forwarded(headers: Iterable<[string, string]>): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => !OF_THE_WAY.has(name.toLowerCase())))
}

async function sent(upstream: string, { method, path, headers, body }: Request): Promise<Answer> {
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const answer = await fetch(upstream + path, { method, headers, ...(hasBody && { body }) })
  return {
    status: answer.status,
    headers: forwarded(answer.headers),
    body: Buffer.from(await answer.arrayBuffer()),
  }
}

/**
 * The name of a request to the table, e.g. `UpdateItem settling`, or `answered` if it keeps an answer. A
 * payment that is settled and not delivered yet is `paid`.
 */
function stepOfTable({ headers, body }: Request): string {
  const operation = String(headers['x-amz-target']).replace(/^.*\./, '')
  const text = body.toString()
  const state = textIn(text, 'state') ?? textIn(text, 'seenState')
  if (state === undefined) {
    return text.includes('"kind":{"S":"answer"}') ? `${operation} answer` : operation
  }
  const isPaid = state === 'settled' && !/":?isDelivered":\{"BOOL":true\}/.test(text)
  const answered = text.includes('":answerId"') ? ' answered' : ''
  return `${operation} ${isPaid ? 'paid' : state}${answered}`
}

/** A value in the request: a new one, or one of a condition. */
function textIn(text: string, name: string): string | undefined {
  return new RegExp(`":?${name}":\\{"S":"(\\w+)"\\}`).exec(text)?.[1]
}

function stepOfFacilitator({ method, path }: Request): string {
  return /(verify|settle)$/.exec(path)?.[1] ?? `${method} ${path}`
}
