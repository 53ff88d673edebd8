import { expect, jest, test } from '@jest/globals'
import type { InterceptorOutput } from '../../../../src/index.js'
import type { Local } from '../../../../src/local/index.js'
import { decodeHeader } from '../../../../src/wire/x402.js'
import {
  TOOL,
  content,
  delivered,
  forwardedBy,
  mcpOf,
  rawEvent,
  responseTo,
} from '../../../support/doors.js'
import { memoryStore } from '../support/memory-store.js'
import { countOf, outcomeOf, singleUse } from '../../../support/outcome.js'
import { answering, paid } from '../support/paid-phases.js'
import { SHOWN, bothPhases, container, hello, intercept, result } from '../support/phases.js'
import { amounts, asked } from '../../../support/recorded.js'
import {
  allTextOf,
  challengeOf,
  receiptOf,
  responseOf,
  stack,
  toolCall,
} from '../../../support/seller.js'

type Fields = Record<string, unknown>

type Handle = ReturnType<typeof intercept>

/** Two containers: what REQUEST leaves in memory is nowhere to be found after it. */
function twoContainers(local: Local, options: object | (() => object) = {}): Handle {
  const given = () => (typeof options === 'function' ? (options as () => object)() : options)
  const [first, second] = [container(local, given()), container(local, given())]
  return (event, context) => {
    const { gatewayResponse } = (event as { mcp: Fields }).mcp
    return (gatewayResponse === null ? first : second)(event, context)
  }
}

test.each(SHOWN)(
  'a refusal of our own is not charged, even with chargeOnError (%s request)',
  async (shown) => {
    for (const token of [null, undefined]) {
      const local = await stack()
      local.faults.set({ route: 'verify', kind: 'html' })
      const event = () => local.paidEvent(TOOL, {}, token)
      await paid(shown, { chargeOnError: true }, hello, { local, event })
      expect(amounts(local).settle).toEqual([])
    }
  },
)

test.each(SHOWN)(
  'what a target says of payments does not make it free (%s request)',
  async (shown) => {
    for (const told of [
      { content, _meta: { x402: true } },
      { content, _meta: { x402: { success: true }, 'x402/payment-response': { success: true } } },
      { content, structuredContent: { x402Version: 2, accepts: [], error: 'payment required' } },
    ]) {
      const { local, output } = await paid(shown, {}, result(told))
      expect(receiptOf(output)?.['transaction']).toBe(local.ledger.settlements[0]?.transaction)
      expect(local.balance()).toBe(99n)
    }
  },
)

test.each(SHOWN)('a receipt a target makes up does not go out (%s request)', async (shown) => {
  const headers = { 'Payment-Response': 'forged', 'payment-required': 'forged', 'x-own': 'kept' }
  const { output } = await paid(shown, {}, answering({ headers }))
  expect(JSON.stringify(output)).not.toContain('forged')
  expect(responseOf(output).headers).toMatchObject({ 'x-own': 'kept' })
})

// What a hook answers in place of a refusal comes by in the response phase as if a target had said it.
test.each(SHOWN)('what onPaymentError answers costs nothing (%s request)', async (shown) => {
  const local = await stack()
  local.faults.set({ route: 'verify', kind: 'html' })
  const own: InterceptorOutput = {
    interceptorOutputVersion: '1.0',
    mcp: {
      transformedGatewayResponse: delivered({ jsonrpc: '2.0', id: 1, result: { own: true } }),
    },
  }
  const { output } = await paid(shown, { onPaymentError: () => own }, hello, { local })
  expect(output).toEqual(own)
  expect(local.balance()).toBe(100n)
})

test('a request phase that is repeated settles nothing', async () => {
  const local = await stack()
  const handle = intercept(local)
  const event = local.paidEvent(TOOL)
  const outputs = [await handle(event), ...(await Promise.all([handle(event), handle(event)]))]
  for (const output of outputs) expect(forwardedBy(output).body).toEqual(toolCall(TOOL))
  expect(amounts(local)).toEqual({ verify: ['1', '1', '1'], settle: [] })
})

test.each(['a reusable', 'a single-use'])(
  'a response handed over again, at once or later, is settled once with %s payment',
  async (kind) => {
    const local = await stack()
    const handle = intercept(local)
    const token = kind === 'a reusable' ? local.accessToken() : singleUse(local)
    const event = local.paidEvent(TOOL, {}, token)
    const again = responseTo(event, delivered(), forwardedBy(await handle(event)))
    const outputs = [...(await Promise.all([handle(again), handle(again)])), await handle(again)]
    const [first] = outputs
    expect(outcomeOf(mcpOf(first))).toBe('settled')
    expect(outputs).toEqual([first, first, first])
    expect([countOf(local, 'settle'), local.balance()]).toEqual([1, 99n])
  },
)

test('a response handed over to another container settles under the same request id', async () => {
  const local = await stack()
  const event = local.paidEvent(TOOL)
  const forwarded = forwardedBy(await container(local)(event))
  const again = responseTo(event, delivered(), forwarded)
  const told = []
  for (const handle of [container(local), container(local)]) {
    told.push(outcomeOf(mcpOf(await handle(again))))
  }
  const [one, two] = asked(local, 'settle').map(({ agentRequestId }) => agentRequestId)
  expect(told).toEqual(['settled', 'settled'])
  expect([two, local.balance()]).toEqual([one, 99n])
})

test('a spent single-use payment is not charged twice by another container', async () => {
  const local = await stack()
  const event = local.paidEvent(TOOL, {}, singleUse(local))
  const forwarded = forwardedBy(await container(local)(event))
  const told = []
  for (const handle of [container(local), container(local)]) {
    const output = await handle(responseTo(event, delivered(), forwarded))
    told.push(outcomeOf(mcpOf(output)))
  }
  expect(told).toEqual(['settled', 'used'])
  expect(local.balance()).toBe(99n)
})

test.each([
  [1, 'refused', 1],
  [2, 'settled', 2],
  [3, 'settled', 2],
])(
  'a settlement that was refused is asked for again when the response comes again, until it is settled (%d times)',
  async (responses, told, settles) => {
    const local = await stack()
    local.faults.set({ route: 'settle', kind: 'refuse' })
    const { output } = await paid('transformed', {}, hello, { local, responses })
    expect([outcomeOf(output), countOf(local, 'settle')]).toEqual([told, settles])
    expect(local.balance()).toBe(told === 'settled' ? 99n : 100n)
  },
)

test.each(SHOWN)('two containers share nothing but the request (%s request)', async (shown) => {
  const local = await stack()
  const handle = twoContainers(local)
  const { output } = await bothPhases(handle, local.paidEvent(TOOL), hello, { shown })
  expect(outcomeOf(output)).toBe('settled')
  const verifies = shown === 'transformed' ? ['1'] : ['1', '1']
  expect(amounts(local)).toEqual({ verify: verifies, settle: ['1'] })
})

test('two containers with one store verify once, and what is kept there cannot be read', async () => {
  const local = await stack()
  const store = memoryStore()
  const seen: string[] = []
  const put = async (key: string, value: string) => {
    seen.push(key, value)
    return store.put(key, value, 1)
  }
  const handle = twoContainers(local, { store: { ...store, put } })
  const { output } = await bothPhases(handle, local.paidEvent(TOOL), hello, { shown: 'original' })
  expect(outcomeOf(output)).toBe('settled')
  expect(amounts(local).verify).toEqual(['1'])
  // The Gateway may hand the response over again.
  expect(store.entries.size).toBe(1)
  const { agentRequestId = '' } = asked(local, 'settle')[0] ?? {}
  expect(Buffer.from(seen[1] ?? '', 'base64url').toString()).not.toContain(agentRequestId)
})

test.each(SHOWN)('containers whose secrets differ verify again (%s request)', async (shown) => {
  const local = await stack()
  let n = 0
  const handle = twoContainers(local, () => ({ secret: String(n++).repeat(32) }))
  const _meta = { 'x402/payment': decodeHeader(local.accessToken()) }
  const event = rawEvent(toolCall(TOOL, {}, { _meta }))
  const { output } = await bothPhases(handle, event, hello, { shown })
  expect(outcomeOf(output)).toBe('settled')
  expect(amounts(local)).toEqual({ verify: ['1', '1'], settle: ['1'] })
})

test('only a response point attached: nothing is free, and what is paid is settled', async () => {
  const local = await stack()
  const handle = intercept(local)
  const unpaid = await handle(responseTo(local.paidEvent(TOOL, {}, null), delivered()))
  expect(challengeOf(mcpOf(unpaid))?.error).toBe('payment required')
  expect(JSON.stringify(unpaid)).not.toContain('Hello!')
  const sold = await handle(responseTo(local.paidEvent(TOOL), delivered()))
  expect(outcomeOf(mcpOf(sold))).toBe('settled')
  expect(amounts(local)).toEqual({ verify: ['1'], settle: ['1'] })
})

test('a response phase that is not sent headers still sells what was paid in the call', async () => {
  const local = await stack()
  const handle = intercept(local)
  const _meta = { 'x402/payment': decodeHeader(local.accessToken()) }
  const event = rawEvent(toolCall(TOOL, {}, { _meta }))
  const { body } = forwardedBy(await handle(event))
  for (const headers of [undefined, null, {}]) {
    const output = await handle(responseTo(event, delivered(), { headers, body }))
    expect(outcomeOf(mcpOf(output))).toBe('settled')
  }
})

test('a response phase that is not sent the payment withholds, and charges nothing', async () => {
  const local = await stack()
  const handle = intercept(local)
  const event = local.paidEvent(TOOL)
  const { body } = forwardedBy(await handle(event))
  const output = mcpOf(await handle(responseTo(event, delivered(), { headers: undefined, body })))
  expect(JSON.stringify(output)).not.toContain('Hello!')
  expect(challengeOf(output)?.error).toBe('payment required')
  expect(local.balance()).toBe(100n)
})

test.each<[string, Local['faults'] extends { set(fault: infer F): unknown } ? F : never, RegExp]>([
  ['refuses', { route: 'verify', kind: 'refuse', skip: 1 }, /was refused.*not charged/],
  ['is not to be had', { route: 'verify', kind: 'html', skip: 1 }, /Try again later/],
])('content is withheld when the second verify %s', async (_, fault, said) => {
  const local = await stack()
  local.faults.set(fault)
  const { output } = await paid('original', {}, hello, { local })
  expect(allTextOf(output)).toMatch(said)
  expect(JSON.stringify(output)).not.toContain('Hello!')
  expect([countOf(local, 'settle'), local.balance()]).toEqual([0, 100n])
})

test('a secret is fetched once, and again after it could not be had', async () => {
  const local = await stack()
  const secret = jest.fn<() => Promise<string>>()
  secret.mockRejectedValueOnce(new Error('throttled')).mockResolvedValue('s'.repeat(32))
  const handle = intercept(local, { secret })
  for (const verifies of [2, 3, 4]) {
    const { output } = await bothPhases(handle, local.paidEvent(TOOL))
    expect([outcomeOf(output), countOf(local, 'verify')]).toEqual(['settled', verifies])
  }
  expect(secret).toHaveBeenCalledTimes(2)
})
