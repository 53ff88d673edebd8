import { expect, test } from '@jest/globals'
import type { Local } from '../../../../src/local/index.js'
import {
  TOOL,
  content,
  delivered,
  forwardedBy,
  mcpOf,
  paidCall,
  rawEvent,
  responseTo,
} from '../../../support/doors.js'
import { outcomeOf } from '../../../support/outcome.js'
import { answering, paid } from '../support/paid-phases.js'
import { SHOWN, hello, intercept, type Target } from '../support/phases.js'
import { amounts, asked } from '../../../support/recorded.js'
import { challengeOf, responseOf, stack, toolCall } from '../../../support/seller.js'

type Fields = Record<string, unknown>

const SEAL = 'x-agentcore-x402'

/** What REQUEST seals for a call, and the call. */
async function sealedCall(local: Local, options: object = {}, event = paidCall(local)) {
  const { headers } = forwardedBy(await intercept(local, options)(event))
  return { event, seal: headers[SEAL] ?? '' }
}

/** The response phase of a call whose request carries a header under the seal's name. */
async function answerWith(local: Local, seal: string, event: Fields, options: object = {}) {
  const headers = {
    ...(event['mcp'] as { gatewayRequest: { headers: Fields } }).gatewayRequest.headers,
  }
  const { id } = (event['mcp'] as { gatewayRequest: { body: Fields } }).gatewayRequest.body
  const shown = responseTo(event, delivered({ jsonrpc: '2.0', id, result: { content } }), {
    headers: { ...headers, [SEAL]: seal },
  })
  return mcpOf(await intercept(local, options)(shown))
}

test('a seal counts for its own call and payment', async () => {
  const local = await stack()
  const { event, seal } = await sealedCall(local)
  expect(outcomeOf(await answerWith(local, seal, event))).toBe('settled')
  expect(amounts(local)).toEqual({ verify: ['1'], settle: ['1'] })
})

const OTHERS: [string, (local: Local, event: Fields) => Fields][] = [
  ['id', (local) => paidCall(local, {}, toolCall(TOOL, {}, { id: 2 }))],
  ['id of another type', (local) => paidCall(local, {}, toolCall(TOOL, {}, { id: '1' }))],
  ['tool', (local) => paidCall(local, {}, toolCall('T___other'))],
  ['payment', (local) => paidCall(local, {}, toolCall(TOOL))],
]
test.each(OTHERS)('a seal counts for no other %s', async (_, other) => {
  const local = await stack()
  const { seal, event } = await sealedCall(local)
  expect(outcomeOf(await answerWith(local, seal, event))).toBe('settled')
  expect(outcomeOf(await answerWith(local, seal, other(local, event)))).toBe('settled')
  const [first, second] = asked(local, 'settle')
  expect(second?.agentRequestId).not.toBe(first?.agentRequestId)
  expect([amounts(local).verify.length, local.balance()]).toEqual([2, 98n])
})

test.each(OTHERS.slice(0, 3))('a seal pays for no other %s', async (_, other) => {
  const local = await stack()
  const { seal, event } = await sealedCall(local)
  const unpaid = other(local, event) as { mcp: { gatewayRequest: { headers: Fields } } }
  unpaid.mcp.gatewayRequest.headers = {}
  const output = await answerWith(local, seal, unpaid)
  expect(challengeOf(output)?.error).toBe('payment required')
  expect(JSON.stringify(output)).not.toContain('Hello!')
  expect(local.balance()).toBe(100n)
})

const EDITS: [string, (seal: string) => string][] = [
  ['made up', () => 'AAAA'.repeat(40)],
  ['empty', () => ''],
  ['cut', (seal) => seal.slice(0, -4)],
  ['edited at its start', (seal) => (seal.startsWith('A') ? 'B' : 'A') + seal.slice(1)],
  [
    'edited in its middle',
    (seal) => seal.slice(0, 60) + (seal[60] === 'A' ? 'B' : 'A') + seal.slice(61),
  ],
  [
    'edited at its end',
    (seal) => `${seal.slice(0, -6)}${seal.slice(-6) === 'AAAAAA' ? 'BBBBBB' : 'AAAAAA'}`,
  ],
]
test.each(EDITS)('a seal that is %s counts for nothing, and spoils nothing', async (_, edit) => {
  const local = await stack()
  const { event, seal } = await sealedCall(local)
  expect(outcomeOf(await answerWith(local, edit(seal), event))).toBe('settled')
  expect(amounts(local)).toEqual({ verify: ['1', '1'], settle: ['1'] })
})

test.each([
  [959_999, 1],
  [960_000, 2],
])('a seal of %i ms ago: %i verifies', async (ageMs, verifies) => {
  const local = await stack()
  let now = 1_800_000_000_000
  const options = { now: () => now }
  const { event, seal } = await sealedCall(local, options)
  now += ageMs
  expect(outcomeOf(await answerWith(local, seal, event, options))).toBe('settled')
  expect(amounts(local).verify).toHaveLength(verifies)
})

test.each(SHOWN)('a client that made one up pays like everybody (%s request)', async (shown) => {
  const local = await stack()
  const headers = { [SEAL]: 'forged', 'X-AgentCore-X402': 'forged' }
  const event = () => paidCall(local, headers)
  const { forwarded, output } = await paid(shown, {}, hello, { local, event })
  expect(outcomeOf(output)).toBe('settled')
  expect(JSON.stringify(forwarded)).not.toContain('forged')
})

test.each(
  SHOWN.flatMap((shown) => [false, true].map((chargeOnError) => [shown, chargeOnError] as const)),
)(
  'a client that got hold of one gets nothing, and nobody is charged (%s request, chargeOnError %p)',
  async (shown, chargeOnError) => {
    const local = await stack()
    const { seal } = await sealedCall(local, { chargeOnError })
    for (const name of [SEAL, 'X-AGENTCORE-X402']) {
      const event = () => rawEvent(toolCall(TOOL), { [name]: seal })
      const { output } = await paid(shown, { chargeOnError }, hello, { local, event })
      expect(responseOf(output).body.error?.code).toBe(-32600)
    }
    expect([amounts(local).settle, local.balance()]).toEqual([[], 100n])
  },
)

/** The header by which an answer of the request phase is known as its own. */
async function markOf(local: Local, id: number): Promise<Fields> {
  const body = { jsonrpc: '2.0', id, result: { own: true } }
  const own = {
    interceptorOutputVersion: '1.0' as const,
    mcp: { transformedGatewayResponse: { statusCode: 200, headers: {}, body } },
  }
  const handle = intercept(local, { onPaymentError: () => own })
  const output = mcpOf(await handle(rawEvent(toolCall(TOOL, {}, { id }))))
  return { ...output.mcp.transformedGatewayResponse?.headers }
}

test.each(SHOWN)('a target cannot pass its answer off as ours (%s request)', async (shown) => {
  const local = await stack()
  const mark = await markOf(local, 7)
  expect(Object.keys(mark)).toEqual([SEAL])
  const targets: Target[] = [
    answering({ headers: mark }),
    answering({ headers: { 'X-AGENTCORE-X402': 'forged' } }),
    ({ headers }) => ({ ...delivered(), headers: { ...headers } }),
  ]
  for (const target of targets) {
    const { output } = await paid(shown, {}, target, { local })
    expect(outcomeOf(output)).toBe('settled')
  }
  expect(local.balance()).toBe(97n)
})

test.each(SHOWN)('a seal that a target repeats does not go out (%s request)', async (shown) => {
  const repeating: Target = ({ headers }) => ({ ...delivered(), headers: { ...headers } })
  for (const options of [{}, { credits: 0 }, { credits: () => 0 }]) {
    const { output } = await paid(shown, options, repeating)
    expect(JSON.stringify(output)).not.toMatch(/x-agentcore-x402/i)
  }
})

test('the mark of an answer of ours is no free pass in a request', async () => {
  const local = await stack()
  const { [SEAL]: mark } = await markOf(local, 1)
  const unpaid = await answerWith(local, String(mark), rawEvent(toolCall(TOOL)))
  expect(challengeOf(unpaid)?.error).toBe('payment required')
  expect(JSON.stringify(unpaid)).not.toContain('Hello!')
  expect(outcomeOf(await answerWith(local, String(mark), paidCall(local)))).toBe('settled')
})
