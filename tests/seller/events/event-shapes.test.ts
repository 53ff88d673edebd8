import { expect, jest, test } from '@jest/globals'
import type { PaidHandler } from '../../../src/index.js'
import type { Fault, Local } from '../../../src/local/index.js'
import { decodeHeader } from '../../../src/wire/x402.js'
import { COME_BACK, NO_STORE, PRIVATE } from '../../support/caching.js'
import {
  DOORS,
  MCP_ACCEPT,
  lowerCase,
  type Door,
  type Said,
  type Sent,
} from '../../support/events.js'
import { TOOL, singleUse } from '../../support/outcome.js'
import { amounts } from '../../support/recorded.js'
import { hello, sell, stack, toolCall } from '../../support/seller.js'

/** One thing that can happen to a call of a tool, whatever shape it comes in. */
interface Case {
  title: string
  sent?: (local: Local) => Partial<Sent>
  faults?: Fault[]
  handler?: PaidHandler
  options?: object
  /** For clients that are no MCP clients. */
  status: number
  /** In a JSON-RPC error instead of a result. */
  code?: number
  /** `error` of the challenge. */
  challenge?: string
  receipt?: boolean
  /** What the answer says of caches, and of when to come back. */
  caching?: Record<string, string>
  /** What stands in the result's last text block. */
  text: RegExp
  isError?: boolean
  ran: boolean
  burned: bigint
}

const CASES: Case[] = [
  {
    title: 'an unpaid call',
    sent: () => ({ token: null }),
    status: 402,
    challenge: 'payment required',
    caching: NO_STORE,
    text: /^Payment required for T___hello/,
    isError: true,
    ran: false,
    burned: 0n,
  },
  {
    title: 'a refused payment',
    faults: [{ route: 'verify', kind: 'refuse', reason: 'Plan expired' }],
    status: 402,
    challenge: 'verification failed: Plan expired',
    caching: NO_STORE,
    text: /refused \(Plan expired\).*not charged/,
    isError: true,
    ran: false,
    burned: 0n,
  },
  {
    title: 'two payments that differ',
    sent: (local) => ({
      body: toolCall(TOOL, {
        headers: { 'PAYMENT-SIGNATURE': local.accessToken(), 'X-PAYMENT': local.accessToken() },
      }),
    }),
    status: 402,
    challenge: 'two different payments in one call',
    caching: NO_STORE,
    text: /two different payments/,
    isError: true,
    ran: false,
    burned: 0n,
  },
  {
    title: 'a paid call',
    status: 200,
    receipt: true,
    caching: PRIVATE,
    text: /^Hello!$/,
    ran: true,
    burned: 1n,
  },
  {
    title: 'a payment in the arguments',
    sent: (local) => ({
      token: null,
      body: toolCall(TOOL, { headers: { 'PAYMENT-SIGNATURE': local.accessToken() } }),
    }),
    status: 200,
    receipt: true,
    caching: PRIVATE,
    text: /^Hello!$/,
    ran: true,
    burned: 1n,
  },
  {
    title: 'a handler that throws',
    handler: () => Promise.reject(new Error('no disk')),
    status: 500,
    caching: NO_STORE,
    text: /^The tool failed. You were not charged.$/,
    isError: true,
    ran: true,
    burned: 0n,
  },
  {
    title: 'a result that is an error',
    handler: () => ({ isError: true, content: [{ type: 'text', text: 'No such file' }] }),
    status: 200,
    text: /^No such file$/,
    isError: true,
    ran: true,
    burned: 0n,
  },
  {
    title: 'a refused settlement',
    faults: [{ route: 'settle', kind: 'refuse', reason: 'Plan expired' }],
    status: 402,
    challenge: 'settlement failed',
    receipt: false,
    caching: NO_STORE,
    text: /could not be settled \(Plan expired\).*not charged/,
    isError: true,
    ran: true,
    burned: 0n,
  },
  {
    title: 'a settlement whose answer is lost',
    faults: [{ route: 'settle', kind: 'lost-answer' }],
    status: 503,
    caching: COME_BACK,
    text: /outcome is unknown.*Do not pay again: come back with the same payment/,
    isError: true,
    ran: true,
    burned: 1n,
  },
  {
    title: 'an outage at verify',
    faults: [{ route: 'verify', kind: 'error', status: 500, times: 9 }],
    status: 503,
    caching: COME_BACK,
    text: /Try again later, with the same payment if you sent one. You were not charged for this call.$/,
    isError: true,
    ran: false,
    burned: 0n,
  },
  {
    title: 'a hook that says no',
    options: { onAfterVerify: () => Promise.reject(new Error('blocked')) },
    status: 403,
    caching: NO_STORE,
    text: /refused this call. You were not charged.$/,
    isError: true,
    ran: false,
    burned: 0n,
  },
  {
    title: 'a tool nobody sells',
    sent: () => ({ body: toolCall('T___other') }),
    status: 404,
    code: -32602,
    text: /^Unknown tool$/,
    ran: false,
    burned: 0n,
  },
  {
    title: 'a free tool',
    sent: () => ({ token: null, body: toolCall('T___free') }),
    status: 200,
    text: /^Hello!$/,
    ran: true,
    burned: 0n,
  },
]

async function play(door: Door, given: Case, id: unknown, accept: string | undefined) {
  const local = await stack()
  const handler = jest.fn(given.handler ?? hello)
  const paid = { body: toolCall(TOOL), token: local.accessToken() }
  const sent: Sent = { ...paid, ...given.sent?.(local), ...(accept && { accept }) }
  ;(sent.body as { id: unknown }).id = id
  given.faults?.forEach((fault) => local.faults.set(fault))
  const sold = { tools: { [TOOL]: { planId: local.planId }, T___free: 'free' as const } }
  const wrapped = sell(local, handler, { ...sold, ...door.options, ...given.options })
  const output: unknown = await wrapped(door.event(sent), door.context(sent))
  return { local, handler, said: door.said(output) }
}

/** The status a client of this kind gets behind this door. */
function statusFor(door: Door, plain: number, accept: string | undefined): number | undefined {
  if (door.statuses === 'none') return undefined
  return door.statuses === 'always 200' || accept === MCP_ACCEPT ? 200 : plain
}

/** Everything of a message that the case decides. */
function expectMessage(door: Door, message: unknown, given: Case, id: unknown, local: Local): void {
  if (given.code !== undefined) {
    const error = { code: given.code, message: expect.stringMatching(given.text) }
    const content = [{ type: 'text', text: expect.stringMatching(given.text) }]
    const bare = { result: { isError: true, content } }
    expect(message).toEqual(door.statuses === 'none' ? bare : { jsonrpc: '2.0', id, error })
    return
  }
  const { result, ...envelope } = message as { result: Record<string, unknown> }
  const { content, isError, structuredContent, _meta } = result
  expect(envelope).toEqual(door.statuses === 'none' ? {} : { jsonrpc: '2.0', id })
  expect((content as { text: string }[]).at(-1)?.text).toMatch(given.text)
  expect(isError).toBe(given.isError)
  expect(structuredContent).toEqual(
    given.challenge === undefined
      ? undefined
      : expect.objectContaining({
          x402Version: 2,
          error: given.challenge,
          resource: { url: `mcp://tool/${TOOL}` },
          accepts: [expect.objectContaining({ planId: local.planId })],
        }),
  )
  expect(isReceipted(_meta)).toBe(given.receipt === true)
}

function isReceipted(meta: unknown): boolean {
  const { x402, 'x402/payment-response': receipt } = (meta ?? {}) as Record<string, unknown>
  return typeof x402 === 'object' && typeof receipt === 'object'
}

function expectHeaders(door: Door, { headers, message }: Said, given: Case): void {
  if (door.statuses === 'none') {
    expect(headers).toEqual({})
    return
  }
  const { 'payment-required': challenge, 'payment-response': receipt, ...others } = headers
  expect(others).toEqual({ 'content-type': 'application/json', ...lowerCase(given.caching) })
  const { structuredContent } = (message as { result?: Record<string, unknown> }).result ?? {}
  const wanted = given.challenge === undefined ? undefined : structuredContent
  expect(challenge === undefined ? undefined : decodeHeader(challenge)).toEqual(wanted)
  expect(receipt === undefined ? undefined : decodeHeader(receipt)?.['success']).toBe(given.receipt)
}

const CALLS = DOORS.flatMap((door) => CASES.map((given) => ({ door, given, name: door.name })))

test.each(CALLS.map((it) => ({ ...it, title: it.given.title })))(
  '$title through $name gets the answer of that shape',
  async ({ door, given }) => {
    const { local, handler, said } = await play(door, given, 'call-1', undefined)
    expect(said.status).toBe(statusFor(door, given.status, undefined))
    expectHeaders(door, said, given)
    expectMessage(door, said.message, given, 'call-1', local)
    expect(handler).toHaveBeenCalledTimes(given.ran ? 1 : 0)
    expect(local.balance()).toBe(100n - given.burned)
    if (given.burned === 0n) expect(local.ledger.settlements).toEqual([])
    else expect(amounts(local)).toMatchObject({ verify: ['1'], settle: ['1'] })
  },
)

const SOLD = CASES.find(({ title }) => title === 'a paid call') as Case

const IN_WORK: Case = {
  title: 'a payment that is in work',
  status: 503,
  caching: COME_BACK,
  text: /^Another call with this payment is in work. Do not pay again. Come back with the same payment /,
  isError: true,
  ran: false,
  burned: 0n,
}

test.each(DOORS.map((door) => ({ door, name: door.name })))(
  'of two calls at once with one payment one runs through $name, and the other may come back for its answer',
  async ({ door }) => {
    const local = await stack()
    const token = singleUse(local)
    const calls = [1, 2].map((id) => ({ body: toolCall(TOOL, {}, { id }), token }))
    const [first, second] = calls as [Sent, Sent]
    const again = async () => door.said(await wrapped(door.event(second), door.context(second)))
    let meanwhile: Said | undefined
    const handler = jest.fn<PaidHandler>(async (...args) => {
      if (handler.mock.calls.length === 1) meanwhile = await again()
      return hello(...args)
    })
    const options = { planId: local.planId, waitForAnswerMs: 0, ...door.options }
    const wrapped = sell(local, handler, options)
    const said = door.said(await wrapped(door.event(first), door.context(first)))
    expect(meanwhile?.status).toBe(statusFor(door, 503, undefined))
    expectHeaders(door, meanwhile as Said, IN_WORK)
    expectMessage(door, meanwhile?.message, IN_WORK, 2, local)
    expect(said.status).toBe(statusFor(door, 200, undefined))
    expect(handler).toHaveBeenCalledTimes(1)
    expect(local.balance()).toBe(99n)
    const { status, headers, message } = await again()
    expect({ status, headers, message: withId(message, 1) }).toEqual({
      status: said.status,
      headers: said.headers,
      message: said.message,
    })
    expectMessage(door, message, SOLD, 2, local)
    expect(handler).toHaveBeenCalledTimes(1)
    expect(local.balance()).toBe(99n)
  },
)

/** A message of the same kind, with another id where it has one. */
function withId(message: unknown, id: unknown): unknown {
  return { ...(message as object), ...('id' in (message as object) && { id }) }
}

const REAL = DOORS.filter(({ statuses, name }) => statuses === 'real' && !name.includes('base64'))

test.each(REAL.flatMap((door) => CASES.map((given) => ({ door, given, name: door.name }))))(
  'an MCP client gets 200 through $name, which alone it reads: $given.title',
  async ({ door, given }) => {
    const { local, said } = await play(door, given, 7, MCP_ACCEPT)
    expect(said.status).toBe(200)
    expectHeaders(door, said, given)
    expectMessage(door, said.message, given, 7, local)
    expect(local.balance()).toBe(100n - given.burned)
  },
)

const IDS = [0, '', 1, '1', -1.5, null, 'ünï "id"']

test.each(
  DOORS.filter(({ statuses }) => statuses !== 'none').flatMap((door) =>
    IDS.map((id) => ({ door, id, name: door.name })),
  ),
)('the id $id comes back through $name as it is', async ({ door, id }) => {
  const { said, local } = await play(door, SOLD, id, undefined)
  expect(said.message).toMatchObject({ jsonrpc: '2.0', id, result: {} })
  expect(local.balance()).toBe(99n)
})
