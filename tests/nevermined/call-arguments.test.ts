import { expect, test } from '@jest/globals'
import { OptionsError, type Payments } from '../../src/index.js'
import type { Local } from '../../src/local/index.js'
import { decodeToken } from '../../src/wire/x402.js'
import { buyer, paymentRequired, permission } from '../client/support/client.js'
import { stack } from '../support/seller.js'

/** What a call sends, and what comes of it. Identical calls have identical traces. */
async function traceOf(local: Local, call: (payments: Payments) => Promise<unknown>) {
  local.calls.length = 0
  const answer = await call(buyer(local))
  return { sent: local.calls.map(({ path, body }) => ({ path, body })), answer }
}

type Call = (payments: Payments, local: Local) => Promise<unknown>

const SAME: Record<string, [Call, Call]> = {
  getPlan: [
    ({ plans }, { planId }) => plans.getPlan(planId),
    ({ plans }, { planId }) => plans.getPlan({ planId }),
  ],
  getPlanBalance: [
    ({ plans }, { planId }) => plans.getPlanBalance(planId),
    ({ plans }, { planId }) => plans.getPlanBalance({ planId }),
  ],
  'getPlanBalance of another account': [
    ({ plans }, { planId, sellerAddress }) => plans.getPlanBalance(planId, sellerAddress),
    ({ plans }, { planId, sellerAddress: accountAddress }) =>
      plans.getPlanBalance({ planId, accountAddress }),
  ],
}

test.each(Object.entries(SAME))('%s takes its arguments in either form', async (_, calls) => {
  const local = await stack()
  const [positional, named] = calls
  const one = await traceOf(local, (payments) => positional(payments, local))
  expect(await traceOf(local, (payments) => named(payments, local))).toEqual(one)
  expect(one.sent).toHaveLength(1)
})

test('orderPlan buys by either form', async () => {
  const local = await stack({ credits: 0n })
  const { plans } = buyer(local)
  await plans.orderPlan(local.planId)
  await plans.orderPlan({ planId: local.planId })
  expect(local.balance()).toBe(200n)
})

test('getX402AccessToken mints the same by either form', async () => {
  const local = await stack()
  const { planId } = local
  const { x402 } = buyer(local)
  const tokenOptions = {
    scheme: 'nvm:erc4337',
    tokenVersion: 3,
    resource: { url: 'mcp://tool/T___hello' },
  } as const
  const one = await x402.getX402AccessToken(planId, 'agent-1', tokenOptions)
  const other = await x402.getX402AccessToken({ planId, agentId: 'agent-1', tokenOptions })
  const [first, second] = [one, other].map(({ accessToken }) => decodeToken(accessToken))
  expect(first?.accepted).toMatchObject({ planId, extra: { agentId: 'agent-1' } })
  expect(second?.accepted).toEqual(first?.accepted)
  expect(second?.['resource']).toEqual(tokenOptions.resource)
})

test('an agent that the environment does not name is no agent', async () => {
  const local = await stack()
  const { planId } = local
  const agentId = process.env['UNSET_AGENT']
  const { accessToken } = await buyer(local).x402.getX402AccessToken({ planId, agentId })
  expect(decodeToken(accessToken)?.accepted?.['extra']).toEqual({ version: '1' })
})

test('a delegation is made, and pays for the plan when credits run out', async () => {
  const local = await stack({ credits: 0n })
  const payments = buyer(local)
  const { delegationId } = await payments.delegation.createDelegation({
    provider: 'erc4337',
    spendingLimitCents: 10_000,
    durationSecs: 604_800,
    currency: 'usdc',
  })
  const { accessToken } = await payments.x402.getX402AccessToken({
    planId: local.planId,
    tokenOptions: { delegationConfig: { delegationId } },
  })
  const asked = { paymentRequired: paymentRequired(local), x402AccessToken: accessToken }
  await payments.facilitator.settlePermissions({ ...asked, maxAmount: 1n })
  expect(local.balance()).toBe(99n)
})

const DELEGATION = {
  provider: 'erc4337',
  spendingLimitCents: 1,
  durationSecs: 1,
  currency: 'usdc',
} as const

/** Calls as a program without types makes them. */
const WRONG: [string, string, (payments: never, local: Local) => unknown][] = [
  ['planId', 'nothing', (p) => call(p, 'plans', 'getPlan')],
  ['planId', 'an empty text', (p) => call(p, 'plans', 'getPlan', '')],
  ['planId', 'a number', (p) => call(p, 'plans', 'getPlan', 7)],
  ['plan_id', "Python's name", (p) => call(p, 'plans', 'getPlan', { plan_id: '7' })],
  ['getPlan', 'too much', (p) => call(p, 'plans', 'getPlan', '7', '8')],
  ['planId', 'an object without plan', (p) => call(p, 'plans', 'orderPlan', {})],
  ['planId', 'a list', (p) => call(p, 'plans', 'orderPlan', ['7'])],
  ['plan_id', "Python's name", (p) => call(p, 'plans', 'getPlanBalance', { plan_id: '7' })],
  ['accountAddress', 'no address', (p) => call(p, 'plans', 'getPlanBalance', '7', 'me')],
  [
    'getPlanBalance',
    'both forms',
    (p, { sellerAddress }) => call(p, 'plans', 'getPlanBalance', { planId: '7' }, sellerAddress),
  ],
  ['planId', 'nothing', (p) => call(p, 'x402', 'getX402AccessToken')],
  ['agentId', 'no text', (p) => call(p, 'x402', 'getX402AccessToken', '7', 8)],
  ['agentId', 'an empty text', (p) => call(p, 'x402', 'getX402AccessToken', '7', '')],
  [
    'agent_id',
    "Python's name",
    (p) => call(p, 'x402', 'getX402AccessToken', { planId: '7', agent_id: '8' }),
  ],
  [
    'delegationConfig',
    'an option outside tokenOptions',
    (p) => call(p, 'x402', 'getX402AccessToken', { planId: '7', delegationConfig: {} }),
  ],
  [
    'tokenOptions.delegation_config',
    "Python's name",
    (p) => call(p, 'x402', 'getX402AccessToken', '7', undefined, { delegation_config: {} }),
  ],
  [
    'tokenOptions.delegationConfig.delegation_id',
    "Python's name",
    (p) => call(p, 'x402', 'getX402AccessToken', '7', undefined, config({ delegation_id: '1' })),
  ],
  [
    'tokenOptions.delegationConfig.delegationId',
    'an empty text',
    (p) => call(p, 'x402', 'getX402AccessToken', '7', undefined, config({ delegationId: '' })),
  ],
  [
    'tokenOptions.tokenVersion',
    'no version',
    (p) => call(p, 'x402', 'getX402AccessToken', '7', undefined, { tokenVersion: 4 }),
  ],
  ['payload', 'nothing', (p) => call(p, 'delegation', 'createDelegation')],
  ['payload', 'a position', (p) => call(p, 'delegation', 'createDelegation', 'erc4337', 100, 100)],
  [
    'currency',
    'none',
    (p) => call(p, 'delegation', 'createDelegation', { ...DELEGATION, currency: undefined }),
  ],
  [
    'durationSecs',
    'zero',
    (p) => call(p, 'delegation', 'createDelegation', { ...DELEGATION, durationSecs: 0 }),
  ],
  [
    'spending_limit_cents',
    "Python's name",
    (p) => call(p, 'delegation', 'createDelegation', { ...DELEGATION, spending_limit_cents: 1 }),
  ],
  ['params', 'a position', (p) => call(p, 'facilitator', 'verifyPermissions', 'token')],
  ['params', 'nothing', (p) => call(p, 'facilitator', 'settlePermissions')],
  [
    'x402_access_token',
    "Python's name",
    (p, local) => call(p, 'facilitator', 'verifyPermissions', pythonPermission(local)),
  ],
  [
    'maxAmount',
    'a number',
    (p, local) =>
      call(p, 'facilitator', 'settlePermissions', { ...permission(local), maxAmount: 1 }),
  ],
  ['options', 'a text', (p) => call(p, undefined, 'warm', 'plan')],
  ['planIds', 'a text', (p) => call(p, undefined, 'warm', { planIds: 'plan' })],
  ['plan_ids', "Python's name", (p) => call(p, undefined, 'warm', { plan_ids: ['plan'] })],
]

const config = (delegationConfig: object) => ({ delegationConfig })

function pythonPermission(local: Local) {
  const { x402AccessToken, ...others } = permission(local)
  return { ...others, x402_access_token: x402AccessToken }
}

async function call(payments: never, api: string | undefined, method: string, ...given: unknown[]) {
  const of = (api === undefined ? payments : payments[api]) as unknown as Record<string, Method>
  return of[method]?.(...given)
}
type Method = (this: void, ...given: unknown[]) => unknown

test.each(WRONG)('%s: %s is an OptionsError, and nothing is sent', async (option, _, make) => {
  const local = await stack()
  const failed = await Promise.resolve(make(buyer(local) as never, local)).catch(
    (error: unknown) => error,
  )
  expect(failed).toBeInstanceOf(OptionsError)
  expect(failed).toMatchObject({ option, code: 'invalid_options' })
  expect((failed as Error).message).not.toMatch(/eyJ/)
  expect(local.calls).toEqual([])
})

test.each([
  ['plan_id', 'planId'],
  ['PlanID', 'planId'],
  ['planld', 'planId'],
  ['account_address', 'accountAddress'],
])('an argument named %s is answered with the name %s', async (given, meant) => {
  const { plans } = buyer(await stack())
  const wrong = { [given]: '7' } as { planId: string }
  await expect(plans.getPlanBalance(wrong)).rejects.toThrow(`did you mean ${meant}?`)
})

test.each([
  ['tokenVersion', { tokenVersion: 1 }],
  ['delegationConfig.delegation_id', { delegationConfig: { delegation_id: '1' } }],
  ['token_version', { token_version: 2 }],
])('a payer with a wrong %s is refused when it is made', async (option, options) => {
  const payments = buyer(await stack())
  expect(() => payments.payer(options as object)).toThrow(expect.objectContaining({ option }))
})
