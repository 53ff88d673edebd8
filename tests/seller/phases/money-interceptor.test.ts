import { expect, test } from '@jest/globals'
import { memoryStore, type InterceptorOutput } from '../../../src/index.js'
import { moneyChallenge } from '../money/support/money.js'
import {
  CARRIERS,
  SEALED,
  SHARINGS,
  TOLD,
  pair,
  play,
  withRaw,
  type Sharing,
} from '../money/support/money-pairs.js'
import { TOOL, outcomeOf } from '../../support/outcome.js'
import { hello, result, type Target } from './support/phases.js'
import { receivedBy, refundIn } from '../money/support/sales.js'
import { SEAL } from './support/sealed-calls.js'
import { allTextOf, receiptOf, responseOf, textOf, toolCall } from '../../support/seller.js'

const CENT = 10_000n
const FLOWS = ['authorization', 'upfront'] as const
type Flow = (typeof FLOWS)[number]

/** Paid in advance, it has to be possible to say what is owed. */
const sharingsFor = (flow: Flow) =>
  SHARINGS.filter(({ options }) => flow === 'authorization' || 'secret' in options())

const EVERY = FLOWS.flatMap((flow) =>
  sharingsFor(flow).flatMap((sharing) =>
    CARRIERS.map((carrier) => ({ flow, ...sharing, ...carrier })),
  ),
)

/** What a facilitator is asked for one call. */
function trips(flow: Flow, { told }: Pick<Sharing, 'told'>): string[] {
  if (flow === 'upfront') return ['settle']
  return told ? ['verify', 'settle'] : ['verify', 'verify', 'settle']
}

test.each(EVERY)(
  '$flow, $name: a payment in $carrier is settled once, and the target does not see it',
  async ({ flow, options, shown, told, send, carrier }) => {
    const shop = await pair({ flow, ...options() })
    const payment = await shop.payment()
    const { output, sent } = await play(shop.handle, send(payment), hello, { shown })
    expect(textOf(output)).toBe('Hello!')
    expect([shop.asked(), await shop.spent()]).toEqual([trips(flow, { told }), CENT])
    expect(shop.local.x402.settlements).toHaveLength(1)
    // What was paid first is known by its record, too.
    expect(receivedBy(shop, output)).toBe(CENT)
    expect(shop.refunds).toEqual([])
    const [request] = sent
    expect(sent).toHaveLength(1)
    expect(JSON.stringify(request?.body)).not.toMatch(/signature|x402/i)
    // Without a secret the response phase needs it; targets see no header they are not allow-listed for.
    const isKept = flow === 'authorization' && carrier === 'a header' && !('secret' in options())
    expect('payment-signature' in (request?.headers ?? {})).toBe(isKept)
    expect(Object.keys(request?.headers ?? {})).not.toContain('Payment-Signature')
  },
)

test.each(FLOWS)('%s: without a payment the target is not asked', async (flow) => {
  const shop = await pair({ flow, ...SEALED.options() })
  const { output, sent } = await play(shop.handle, withRaw(toolCall(TOOL)))
  const [accepted] = moneyChallenge(output).accepts
  expect(accepted?.extra['paymentFlow']).toBe(flow === 'upfront' ? 'upfront' : undefined)
  expect([sent, shop.asked(), await shop.spent()]).toEqual([[], [], 0n])
})

test.each([
  ['authorization', 'verify', 'refuse', 'verification failed: insufficient_funds'],
  ['upfront', 'settle', 'refuse', 'settlement failed'],
] as const)('%s: the target is not asked where %s says no', async (flow, route, kind, error) => {
  const shop = await pair({ flow, ...SEALED.options() })
  const event = withMeta(await shop.payment())
  shop.local.x402.faults.set({ route, kind, reason: 'insufficient_funds' })
  const { output, sent } = await play(shop.handle, event)
  expect(moneyChallenge(output).error).toBe(error)
  expect([sent, shop.asked(), await shop.spent()]).toEqual([[], [route], 0n])
})

test.each(FLOWS)('%s: an outage is said to be one, and the target not asked', async (flow) => {
  const shop = await pair({ flow, ...SEALED.options() })
  const event = withMeta(await shop.payment())
  shop.local.x402.faults.set({ kind: 'error', status: 401, times: 9 })
  const { output, sent } = await play(shop.handle, event)
  expect([outcomeOf(output), sent, await shop.spent()]).toEqual(['not charged', [], 0n])
})

test.each(FLOWS)(
  '%s: handed over again, a response is settled once and delivered',
  async (flow) => {
    const shop = await pair({ flow, ...SEALED.options() })
    const event = withMeta(await shop.payment())
    const { output } = await play(shop.handle, event, hello, { responses: 3 })
    expect([textOf(output), receivedBy(shop, output)]).toEqual(['Hello!', CENT])
    expect([shop.asked(), await shop.spent()]).toEqual([trips(flow, SEALED), CENT])
  },
)

test.each(FLOWS)('%s: the phases may run in different containers', async (flow) => {
  for (const { options, shown } of TOLD) {
    const shared = options()
    const shop = await pair({ flow, ...shared, paymentStore: memoryStore() })
    const other = await pair({ flow, ...shared, paymentStore: memoryStore() }, shop.local)
    const event = withMeta(await shop.payment())
    const handle = inTurn(shop.handle, other.handle)
    const { output } = await play(handle, event, hello, { shown })
    expect([textOf(output), receivedBy(shop, output)]).toEqual(['Hello!', CENT])
    expect([shop.asked(), await shop.spent()]).toEqual([trips(flow, SEALED), CENT])
  }
})

test.each(FLOWS)('%s: a seal that was tampered with counts for nothing', async (flow) => {
  const shop = await pair({ flow, ...SEALED.options() })
  const event = withMeta(await shop.payment())
  const { output } = await play(withSeal(shop.handle, tampered), event)
  expect(textOf(output)).toBe('Hello!')
  expect(shop.asked()).toEqual(trips(flow, { told: false }))
  expect([receivedBy(shop, output), await shop.spent()]).toEqual([CENT, CENT])
})

test.each(FLOWS)('%s: the seal of one call is none for another', async (flow) => {
  const shop = await pair({ flow, ...SEALED.options() })
  let seal = ''
  const note = (sealed: string) => (seal = sealed)
  await play(withSeal(shop.handle, note), withMeta(await shop.payment()))
  const foreign = withMeta(await shop.payment())
  const { output } = await play(
    withSeal(shop.handle, () => seal),
    foreign,
  )
  expect(textOf(output)).toBe('Hello!')
  expect(await shop.spent()).toBe(2n * CENT)
  const first = shop.local.x402.settlements[0]?.transaction
  expect(receiptOf(output)?.['transaction']).not.toBe(first)
})

test.each(FLOWS)(
  '%s: a seal delivers nothing for another call with the same payment',
  async (flow) => {
    const shop = await pair({ flow, ...SEALED.options() })
    const payment = await shop.payment()
    let seal = ''
    await play(
      withSeal(shop.handle, (sealed) => (seal = sealed)),
      withMeta(payment),
    )
    for (const [args, told] of [
      [{}, 'already paid'],
      [{ n: 1 }, 'conflict'],
    ] as const) {
      const body = toolCall(TOOL, args, { id: 2, _meta: { 'x402/payment': payment } })
      const event = withRaw(body, { [SEAL]: seal })
      const gatewayResponse = await hello({ headers: {}, body: { id: 2 } })
      const mcp = { ...(event['mcp'] as Record<string, unknown>), gatewayResponse }
      const output = (await shop.handle({ ...event, mcp })) as InterceptorOutput
      expect(outcomeOf(output)).toBe(told)
      expect(await shop.spent()).toBe(CENT)
    }
  },
)

test('a seal from outside is refused before anything is paid', async () => {
  for (const flow of FLOWS) {
    const shop = await pair({ flow, ...SEALED.options() })
    let seal = ''
    const note = (sealed: string) => (seal = sealed)
    await play(withSeal(shop.handle, note), withMeta(await shop.payment()))
    const event = withMeta(await shop.payment(), { [SEAL]: seal })
    const { output, sent } = await play(shop.handle, event)
    expect(responseOf(output).body.error?.code).toBe(-32600)
    expect([sent, await shop.spent()]).toEqual([[], CENT])
  }
})

test.each(SHARINGS)(
  'authorization, $name: work that failed frees its payment at once',
  async (how) => {
    const shop = await pair({ ...how.options() })
    const event = withMeta(await shop.payment())
    const failed = result({ isError: true, content: [{ type: 'text', text: 'No' }] })
    const { output } = await play(shop.handle, event, failed, how)
    expect([textOf(output), await shop.spent()]).toEqual(['No', 0n])
    const again = await play(shop.handle, event, hello, how)
    expect([textOf(again.output), await shop.spent()]).toEqual(['Hello!', CENT])
  },
)

test('a payment that is in work for one call is none for another', async () => {
  for (const flow of FLOWS) {
    const shop = await pair({ flow, waitForAnswerMs: 0, ...SEALED.options() })
    const payment = await shop.payment()
    const event = withMeta(payment)
    let second: Awaited<ReturnType<typeof play>> | undefined
    const meanwhile: Target = async (request) => {
      second = await play(shop.handle, event)
      return hello(request)
    }
    const { output } = await play(shop.handle, event, meanwhile)
    expect(textOf(output)).toBe('Hello!')
    expect(second && [outcomeOf(second.output), second.sent]).toEqual(['in work', []])
    const later = await play(shop.handle, event)
    expect([outcomeOf(later.output), later.sent]).toEqual(['already paid', []])
    expect([shop.local.x402.settlements.length, await shop.spent()]).toEqual([1, CENT])
  }
})

test('a payment that was refused is not in work', async () => {
  for (const [flow, route] of [
    ['authorization', 'verify'],
    ['upfront', 'settle'],
  ] as const) {
    const shop = await pair({ flow, ...SEALED.options() })
    const event = withMeta(await shop.payment())
    shop.local.x402.faults.set({ route, kind: 'refuse' })
    await play(shop.handle, event)
    const { output } = await play(shop.handle, event)
    expect([textOf(output), await shop.spent()]).toEqual(['Hello!', CENT])
  }
})

const FAILURES: [string, Target, string][] = [
  ['says so', result({ isError: true, content: [{ type: 'text', text: 'No seats' }] }), 'No seats'],
  [
    'answers with an error',
    ({ body }) => ({ statusCode: 200, headers: {}, body: { ...rpc(body), error: ERROR } }),
    '',
  ],
  ['is broken', ({ body }) => ({ statusCode: 500, headers: {}, body: rpc(body) }), ''],
  [
    'answers to something else',
    () => ({ statusCode: 200, headers: {}, body: rpc({ id: 77 }) }),
    '',
  ],
  ['answers in no format', () => ({ statusCode: 200, headers: {}, body: [1] }), ''],
]
const ERROR = { code: -32000, message: 'broken' }

test.each(
  TOLD.flatMap((how) => FAILURES.map(([ends, target, said]) => ({ ...how, ends, target, said }))),
)(
  'upfront, $name: a target that $ends leaves a refund due',
  async ({ options, shown, target, said }) => {
    const shop = await pair({ flow: 'upfront', ...options() })
    const event = withMeta(await shop.payment())
    const { output } = await play(shop.handle, event, target, { shown })
    const owed = { reason: 'handler_failed', amount: '10000', payer: shop.account.address }
    expect(shop.refunds).toMatchObject([owed])
    expect(refundIn(output).header).toEqual(shop.refunds[0])
    const { error } = responseOf(output).body
    if (error === undefined) expect(refundIn(output).meta).toEqual(shop.refunds[0])
    expect(allTextOf(output)).toContain(said)
    expect(receivedBy(shop, output)).toBe(CENT)
    expect(shop.events.map(({ type }) => type)).toEqual(['settled', 'refund-due'])
    expect(shop.lines).toMatchObject([{ level: 'error', message: 'refund due' }])
    expect([shop.asked(), await shop.spent()]).toEqual([['settle'], CENT])
  },
)

test('upfront: a target that charges nothing leaves a refund due', async () => {
  const shop = await pair({ flow: 'upfront', ...SEALED.options() })
  const free = result({ content: [{ type: 'text', text: 'Free' }], _meta: { amountToCharge: '0' } })
  const { output } = await play(shop.handle, withMeta(await shop.payment()), free)
  expect(shop.refunds).toMatchObject([{ reason: 'nothing_charged', amount: '10000' }])
  expect([textOf(output), refundIn(output).meta]).toEqual(['Free', shop.refunds[0]])
})

test('upfront without a secret is refused by name', async () => {
  await expect(pair({ flow: 'upfront' })).rejects.toMatchObject({ option: 'secret' })
})

test.each(sharingsFor('upfront'))(
  'upfront, $name: a response never settles, whatever it is shown',
  async (how) => {
    const shop = await pair({ flow: 'upfront', ...how.options() })
    for (const { send } of CARRIERS) {
      const event = send(await shop.payment())
      const mcp = event['mcp'] as Record<string, unknown>
      const gatewayResponse = await hello({ headers: {}, body: { id: 1 } })
      const output = await shop.handle({ ...event, mcp: { ...mcp, gatewayResponse } })
      expect(receiptOf(output as InterceptorOutput)).toBeUndefined()
    }
    expect([shop.asked(), await shop.spent()]).toEqual([[], 0n])
  },
)

const LOST: [string, object][] = [
  ['the secret cannot be had', { secret: () => Promise.reject(new Error('denied')) }],
  [
    'the store is broken, and the header not shown',
    {
      ...SEALED.options(),
      store: { put: () => Promise.reject(new Error('full')), take: () => Promise.resolve(null) },
    },
  ],
]

test.each(LOST)(
  'upfront: what was paid is delivered without receipt where %s, in another container',
  async (_, options) => {
    const shop = await pair({ flow: 'upfront', ...options, paymentStore: memoryStore() })
    const own = { flow: 'upfront', ...options, paymentStore: memoryStore() }
    const other = await pair(own, shop.local)
    const event = withMeta(await shop.payment())
    const handle = inTurn(shop.handle, other.handle)
    const { output } = await play(handle, event, hello, { shown: 'original' })
    expect([textOf(output), receiptOf(output)]).toEqual(['Hello!', undefined])
    expect([shop.asked(), await shop.spent(), shop.refunds]).toEqual([['settle'], CENT, []])
  },
)

function withMeta(payment: Record<string, unknown>, headers: Record<string, unknown> = {}) {
  return withRaw(toolCall(TOOL, {}, { _meta: { 'x402/payment': payment } }), headers)
}

function rpc({ id }: Record<string, unknown>) {
  return { jsonrpc: '2.0', id: id ?? null }
}

/** One container after the other. */
function inTurn(...handles: ((event: unknown) => unknown)[]) {
  let calls = 0
  return (event: unknown) => handles[calls++ % handles.length]?.(event)
}

/** A Gateway that changes the seal on its way. */
function withSeal(handle: (event: unknown) => Promise<unknown>, change: (seal: string) => string) {
  return async (event: unknown) => {
    const output = (await handle(event)) as InterceptorOutput
    const { transformedGatewayRequest: request } = output.mcp
    const headers = request?.headers
    if (headers?.[SEAL] === undefined) return output
    const changed = { ...request, headers: { ...headers, [SEAL]: change(headers[SEAL]) } }
    return { ...output, mcp: { ...output.mcp, transformedGatewayRequest: changed } }
  }
}

function tampered(seal: string): string {
  const at = Math.floor(seal.length / 2)
  return seal.slice(0, at) + (seal[at] === 'A' ? 'B' : 'A') + seal.slice(at + 1)
}
