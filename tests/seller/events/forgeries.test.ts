import { expect, jest, test } from '@jest/globals'
import type { Local } from '../../../src/local/index.js'
import { TOOL, countOf, outcomeOf, singleUse } from '../../support/outcome.js'
import { bothPhases, hello } from '../phases/support/phases.js'
import { asked } from '../../support/recorded.js'
import {
  CONTENT,
  SEAL,
  SECRET,
  NAMED_SHARINGS,
  account,
  callWith,
  echo,
  isDelivered,
  sealOf,
  sharing,
  type Sharing,
} from '../phases/support/sealed-calls.js'
import { challengeOf, receiptOf, responseOf, stack } from '../../support/seller.js'

const sealed = NAMED_SHARINGS.filter(({ how }) => how.secret)

/** An honest call of somebody, whose seal has got out, and a thief with money of its own. */
async function stolen(how: Sharing, options: object = {}) {
  const local = await stack()
  const thief = account(local)
  const victim = account(local)
  const tools = { T___dear: { credits: 9 }, T___hello: { credits: 2 } }
  const handle = sharing(local, how, { planId: local.planId, tools, ...options })
  const token = local.accessToken({ from: victim })
  const honest = callWith({ 'payment-signature': token })
  const seal =
    (await sealOf(handle, honest, how.shown)) ?? Buffer.alloc(600, 7).toString('base64url')
  const before = balances(local, thief, victim)
  expect(before).toEqual({ thief: 100n, victim: 98n })
  return { local, thief, victim, handle, token, seal, before }
}

function balances(local: Local, thief: string, victim: string) {
  const of = (address: string) => local.ledger.balance(local.planId, address)
  return { thief: of(thief), victim: of(victim) }
}

const double = (seal: string) => ({
  [SEAL]: seal,
  'X-AgentCore-X402': seal,
  'X-AGENTCORE-X402': seal,
})
const changed = (seal: string, at: number) => {
  const index = at < 0 ? seal.length + at : at
  return seal.slice(0, index) + (seal[index] === 'A' ? 'B' : 'A') + seal.slice(index + 1)
}

const HEADERS: [string, (seal: string) => Record<string, unknown>][] = [
  ['as it was', (seal) => ({ [SEAL]: seal })],
  ['in another case', (seal) => ({ 'X-AGENTCORE-X402': seal })],
  ['three times', double],
  ['beside junk', (seal) => ({ 'X-AgentCore-X402': 'junk', [SEAL]: seal })],
  ['twice in one value', (seal) => ({ [SEAL]: `${seal},${seal}` })],
  ['in a list', (seal) => ({ [SEAL]: [seal] })],
  ['with an edited nonce', (seal) => ({ [SEAL]: changed(seal, 2) })],
  ['with an edited text', (seal) => ({ [SEAL]: changed(seal, 60) })],
  ['with an edited tag', (seal) => ({ [SEAL]: changed(seal, -6) })],
  ['cut short', (seal) => ({ [SEAL]: seal.slice(0, -8) })],
  ['cut very short', (seal) => ({ [SEAL]: seal.slice(0, 20) })],
  ['with something behind it', (seal) => ({ [SEAL]: `${seal}AAAA` })],
  ['padded', (seal) => ({ [SEAL]: `  ${seal}==` })],
  ['made of junk', () => ({ [SEAL]: 'junk' })],
  ['made of nothing', () => ({ [SEAL]: '' })],
  ['made of thousands of characters', () => ({ [SEAL]: 'A'.repeat(20_000) })],
  [
    'made of what it would say',
    () => ({ [SEAL]: Buffer.from('{"bound":"x"}').toString('base64') }),
  ],
]

test.each(NAMED_SHARINGS)(
  'a stolen seal pays for nothing, however it is sent ($name)',
  async ({ how }) => {
    const { local, thief, victim, handle, seal, before } = await stolen(how)
    for (const [what, headers] of HEADERS) {
      const { output, forwarded } = await bothPhases(handle, callWith(headers(seal)), hello, how)
      const after = { what, ...balances(local, thief, victim), isDelivered: isDelivered(output) }
      expect(after).toEqual({ what, ...before, isDelivered: false })
      expect(forwarded).toBeUndefined()
    }
  },
)

test.each(NAMED_SHARINGS)(
  'a thief that pays beside a stolen seal pays the price, or gets nothing ($name)',
  async ({ how }) => {
    const { local, thief, victim, handle, seal, before } = await stolen(how)
    let left = before.thief
    for (const [what, headers] of HEADERS) {
      const own = { 'payment-signature': local.accessToken({ from: thief }) }
      const event = callWith({ ...headers(seal), ...own })
      const { output } = await bothPhases(handle, event, hello, how)
      if (isDelivered(output)) left -= 2n
      expect({ what, ...balances(local, thief, victim) }).toEqual({ what, ...before, thief: left })
    }
    expect(left).toBeLessThan(100n)
  },
)

const CALLS = [
  ['the same call', {}],
  ['another id', { id: 2 }],
  ['the id as text', { id: '1' }],
  ['another tool', { tool: 'T___dear' }],
  ['other arguments', { args: { n: 2 } }],
] as const

test.each(sealed.flatMap((it) => CALLS.map(([what, call]) => ({ ...it, what, call }))))(
  'a buyer does not get $what again for what one call has cost ($name)',
  async ({ how, call }) => {
    const { local, thief, handle } = await stolen(how)
    const token = { 'payment-signature': local.accessToken({ from: thief }) }
    const seal = await sealOf(handle, callWith(token), how.shown)
    expect(local.ledger.balance(local.planId, thief)).toBe(98n)
    for (const headers of [{ ...token, [SEAL]: seal }, { [SEAL]: seal }]) {
      const { output } = await bothPhases(handle, callWith(headers, call), hello, how)
      expect(isDelivered(output)).toBe(false)
      expect(responseOf(output).body.error).toMatchObject({ code: -32600 })
    }
    expect(local.ledger.balance(local.planId, thief)).toBe(98n)
  },
)

test.each(sealed)('a seal that is older than sixteen minutes is junk ($name)', async ({ how }) => {
  let clockMs = 1_000_000
  const { local, thief, victim, handle, seal, before } = await stolen(how, { now: () => clockMs })
  const own = { 'payment-signature': local.accessToken({ from: thief }) }
  clockMs += 959_999
  const early = await bothPhases(handle, callWith({ ...own, [SEAL]: seal }), hello, how)
  expect(responseOf(early.output).body.error).toMatchObject({ code: -32600 })
  expect(balances(local, thief, victim)).toEqual(before)
  clockMs += 1
  const late = await bothPhases(handle, callWith({ ...own, [SEAL]: seal }), hello, how)
  expect(isDelivered(late.output)).toBe(true)
  expect(balances(local, thief, victim)).toEqual({ ...before, thief: 98n })
})

test.each(sealed)('a response later than that is verified anew ($name)', async ({ how }) => {
  let clockMs = 1_000_000
  const local = await stack()
  const handle = sharing(local, how, { now: () => clockMs })
  const event = callWith({}, { args: { headers: { 'payment-signature': local.accessToken() } } })
  const late = (request: Parameters<typeof hello>[0]) => {
    clockMs += 960_000
    return hello(request)
  }
  const { output } = await bothPhases(handle, event, late, how)
  expect(isDelivered(output)).toBe(true)
  expect(asked(local, 'verify')).toHaveLength(2)
  expect(local.balance()).toBe(99n)
})

test.each(sealed)('a seal of another interceptor is junk ($name)', async ({ how }) => {
  const local = await stack()
  const token = { 'payment-signature': local.accessToken() }
  const other = sharing(local, how, { secret: `${SECRET}, another` })
  const seal = await sealOf(other, callWith(token), how.shown)
  expect(seal).toBeDefined()
  const handle = sharing(local, how)
  const unpaid = await bothPhases(handle, callWith({ [SEAL]: seal }), hello, how)
  expect(challengeOf(unpaid.output)).toBeDefined()
  expect(local.balance()).toBe(99n)
  const paid = await bothPhases(handle, callWith({ ...token, [SEAL]: seal }), hello, how)
  expect(isDelivered(paid.output)).toBe(true)
  expect(JSON.stringify(paid.forwarded)).not.toContain(seal)
  expect(local.balance()).toBe(98n)
})

test.each(sealed)(
  'the seal of a call that was free makes no other call free ($name)',
  async ({ how }) => {
    const local = await stack()
    const credits = (event: {
      mcp: { gatewayRequest: { body: { params: { arguments: { n?: number } } } } }
    }) => event.mcp.gatewayRequest.body.params.arguments.n ?? 0
    const handle = sharing(local, how, { credits })
    const seal = await sealOf(handle, callWith({}), how.shown)
    expect(seal).toBeDefined()
    for (const headers of [{}, { 'payment-signature': local.accessToken() }]) {
      const event = callWith({ ...headers, [SEAL]: seal }, { args: { n: 4 } })
      const { output } = await bothPhases(handle, event, hello, how)
      expect(isDelivered(output)).toBe(false)
    }
    expect(local.balance()).toBe(100n)
  },
)

test.each(sealed)(
  'a container that cannot have its secret does not take a seal for junk ($name)',
  async ({ how }) => {
    const { local, thief, handle } = await stolen(how)
    const token = { 'payment-signature': local.accessToken({ from: thief }) }
    const seal = await sealOf(handle, callWith(token), how.shown)
    let asks = 0
    const secret = () => (++asks === 1 ? Promise.reject(new Error('throttled')) : SECRET)
    const fresh = sharing(local, { ...how, store: false }, { credits: 2, secret })
    const event = callWith({ ...token, [SEAL]: seal })
    const { output } = await bothPhases(fresh, event, hello, how)
    const paid = isDelivered(output) ? 4n : 2n
    expect(local.ledger.balance(local.planId, thief)).toBe(100n - paid)
  },
)

test.each(NAMED_SHARINGS)(
  'two calls at once that are alike in everything are two sales ($name)',
  async ({ how }) => {
    const local = await stack()
    const handle = sharing(local, how)
    const event = callWith({ 'payment-signature': local.accessToken() }, { args: { n: 1 } })
    let arrived = 0
    let release = (): void => undefined
    const both = new Promise<void>((resolve) => (release = resolve))
    const slow = async (request: Parameters<typeof hello>[0]) => {
      if (++arrived === 2) release()
      await both
      return hello(request)
    }
    const played = await Promise.all([1, 2].map(() => bothPhases(handle, event, slow, how)))
    expect(played.map(({ output }) => isDelivered(output))).toEqual([true, true])
    expect(local.balance()).toBe(98n)
    const ids = asked(local, 'settle').map(({ agentRequestId }) => agentRequestId)
    expect(new Set(ids).size).toBe(2)
  },
)

test.each(NAMED_SHARINGS)(
  'two such calls with one single-use payment are one sale, and both get its answer ($name)',
  async ({ how }) => {
    const local = await stack()
    const handle = sharing(local, how)
    const event = callWith({ 'payment-signature': singleUse(local) })
    const target = jest.fn(hello)
    const played = await Promise.all([1, 2].map(() => bothPhases(handle, event, target, how)))
    expect(played.map(({ output }) => outcomeOf(output))).toEqual(['settled', 'settled'])
    const [{ transaction } = {}] = local.ledger.settlements
    for (const { output } of played) expect(receiptOf(output)).toMatchObject({ transaction })
    expect([target.mock.calls.length, countOf(local, 'settle')]).toEqual([1, 1])
    expect(local.balance()).toBe(99n)
  },
)

test.each(NAMED_SHARINGS)(
  'of two calls at once that ask different things with one single-use payment one is sold ($name)',
  async ({ how }) => {
    const local = await stack()
    const handle = sharing(local, how)
    const headers = { 'payment-signature': singleUse(local) }
    const target = jest.fn(hello)
    const played = await Promise.all(
      [1, 2].map((n) => bothPhases(handle, callWith(headers, { args: { n } }), target, how)),
    )
    const told = played.map(({ output }) => outcomeOf(output))
    expect(told.sort()).toEqual(['conflict', 'settled'])
    expect(target).toHaveBeenCalledTimes(1)
    expect(local.balance()).toBe(99n)
  },
)

test.each(NAMED_SHARINGS)(
  'a target that gives everything away gives no payment away ($name)',
  async ({ how }) => {
    const local = await stack()
    const token = local.accessToken()
    const handle = sharing(local, how)
    const { output, forwarded } = await bothPhases(
      handle,
      callWith({ 'payment-signature': token, [SEAL]: 'junk' }),
      echo,
      how,
    )
    // Without a secret the payment stays in its header, which targets see only if allow-listed.
    if (how.secret) expect(JSON.stringify([output, forwarded])).not.toContain(token)
    const headers = Object.keys(forwarded?.['headers'] ?? {})
    expect(headers.filter((name) => name.toLowerCase() === SEAL)).toHaveLength(how.secret ? 1 : 0)
    expect(JSON.stringify(forwarded)).not.toContain('junk')
    expect(Object.keys(responseOf(output).headers)).not.toContain(SEAL)
    expect(local.balance()).toBe(99n)
  },
)

test.each(NAMED_SHARINGS)(
  'nor does one that fails, in the headers of its answer ($name)',
  async ({ how }) => {
    const local = await stack()
    const event = callWith({ 'payment-signature': local.accessToken() })
    const failing: typeof echo = async (request) => {
      const { statusCode, headers } = await echo(request)
      const result = { isError: true, content: [] }
      return { statusCode, headers, body: { jsonrpc: '2.0', id: 1, result } }
    }
    const { output } = await bothPhases(sharing(local, how), event, failing, how)
    expect(responseOf(output).body.result?.isError).toBe(true)
    expect(Object.keys(responseOf(output).headers)).not.toContain(SEAL)
    expect(local.balance()).toBe(100n)
  },
)

test.each(sealed)('the seal itself tells nothing of the payment ($name)', async ({ how }) => {
  const local = await stack()
  const token = local.accessToken()
  const seal =
    (await sealOf(sharing(local, how), callWith({ 'payment-signature': token }), how.shown)) ?? ''
  const bytes = Buffer.from(seal, 'base64url').toString('latin1')
  expect(seal.length).toBeLessThanOrEqual(4_096)
  for (const part of [token.slice(0, 40), local.planId, local.subscriberAddress, TOOL, CONTENT]) {
    expect(bytes).not.toContain(part)
  }
})
