import { expect, test } from '@jest/globals'
import {
  OptionsError,
  Payments,
  createInterceptor,
  requiresPayment,
  type InterceptorOptions,
  type RequiresPaymentOptions,
  type WrappedHandler,
} from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { TOOL } from '../../support/outcome.js'
import { printed } from '../../support/secrets.js'
import { allTextOf, challengeOf, hello, silent, stack } from '../../support/seller.js'
import { listening, webServer } from './support/said.js'

// A seller who set something up wrongly reads in the log what is wrong, and what to do. Buyers do not read it.

const LATER = /^The seller cannot take payments right now\. Try again later/

/** A JWT with these claims. Nobody signed it. */
function jwt(claims: object): string {
  const parts = [{ alg: 'HS512' }, { sub: '0x1234', ...claims }]
  const texts = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  return [...texts, 'c2lnbmVk'].join('.')
}

interface Setup {
  nvmApiKey?: string
  backendUrl?: string
  planId?: string
  options?: Partial<InterceptorOptions>
}

/** Both doors of one seller, and what the log says. */
async function seller(setupOf: (local: Local) => Setup = () => ({})) {
  const local = await stack()
  const setup = setupOf(local)
  const { nvmApiKey = local.nvmApiKey, backendUrl = local.url, planId = local.planId } = setup
  const payments = Payments.getInstance({ nvmApiKey, backendUrl })
  const { logger, said } = listening()
  const options = { payments, planId, logger, ...setup.options } as InterceptorOptions
  const wrapper = requiresPayment(hello, options as RequiresPaymentOptions)
  const interceptor = createInterceptor(options).handle as WrappedHandler
  return { local, payments, logger, said, wrapper, interceptor }
}

test.each(['wrapper', 'interceptor'] as const)(
  'a plan that does not exist is told to the developer, once, and not to the buyer: %s',
  async (door) => {
    const { local, said, ...doors } = await seller(() => ({ planId: '404' }))
    for (const token of [undefined, null]) {
      const output = await doors[door](local.paidEvent(TOOL, {}, token))
      expect(allTextOf(output)).toMatch(LATER)
      expect(challengeOf(output)).toBeUndefined()
    }
    const words =
      `planId: the plan '404' does not exist at ${local.url}, where the key with the prefix 'local:' belongs. ` +
      'Expected the id of a plan of this environment, a long decimal number. Copy the id from the Nevermined app. ' +
      'If it was made in another environment, take a key of that environment.'
    expect(said()).toEqual([{ level: 'error', code: 'plan_not_found', words }])
  },
)

test('a key in the place of a plan is refused, since buyers are shown plans', async () => {
  const local = await stack()
  const payments = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url })
  const sell = (planId: string) => () => requiresPayment(hello, { payments, planId })
  for (const planId of [local.nvmApiKey, local.accessToken()]) {
    expect(sell(planId)).toThrow(OptionsError)
    expect(sell(planId)).not.toThrow(planId.slice(20))
  }
})

test('an id that may be a secret is described, and not shown', async () => {
  const { local, payments } = await seller()
  for (const [id, shown] of [
    [local.nvmApiKey, '(what was given looks like an API key)'],
    ['s3cretS3crets3cretS3cret', '(a text of 24 characters)'],
    ['plan-123', "'plan-123'"],
  ] as const) {
    const thrown = await payments.plans.getPlan(id).catch((error: unknown) => error as Error)
    expect(thrown).toMatchObject({ mistake: { code: 'plan_not_found', field: 'planId' } })
    expect((thrown as Error).message).toContain(`the plan ${shown} does not exist`)
    if (id !== 'plan-123') expect(printed(thrown)).not.toContain(id)
  }
})

test.each([
  ['BCK.X402.0001', 'agent_not_found', "the agent 'did:nv:7' does not exist at"],
  ['BCK.X402.0003', 'agent_without_plan', "is not a plan of the agent 'did:nv:7'"],
])('%s names the agent', async (code, mistake, problem) => {
  const options = { agentId: 'did:nv:7', endpoint: 'https://shop.example/mcp' }
  const { local, said, wrapper } = await seller(() => ({ options }))
  local.faults.set({ route: 'verify', kind: 'error', status: 404, code })
  await wrapper(local.paidEvent(TOOL))
  expect(said()).toMatchObject([{ level: 'error', code: mistake }])
  expect(said()[0]?.words).toContain(problem)
})

test.each<[string, string, string, string[]]>([
  [
    'a key that this stack did not make',
    `local:${jwt({})}`,
    'key_refused',
    [
      "key with the prefix 'local:' is refused by http://127",
      '(BCK.APIKEY.0004)',
      'stack that runs now',
    ],
  ],
  [
    'a key of another environment',
    `sandbox:${jwt({})}`,
    'key_of_other_environment',
    ["the prefix 'sandbox:'", "with the prefix 'local:'", 'https://api.sandbox.nevermined.app'],
  ],
  [
    'a key that ended',
    `local:${jwt({ exp: 1_700_000_000 })}`,
    'key_refused',
    ['this one ended on 2023-11-14', 'Make a new key in the Nevermined app.'],
  ],
  ['a prefix that may be anything', `hidden:${jwt({})}`, 'key_refused', ['an unknown prefix']],
])('%s is told, and never shown', async (_, nvmApiKey, code, parts) => {
  const { local, said, logger, wrapper, payments } = await seller(() => ({ nvmApiKey }))
  const output = await wrapper(local.paidEvent(TOOL))
  expect(allTextOf(output)).toMatch(LATER)
  expect(said()).toMatchObject([{ level: 'error', code }])
  for (const part of parts) expect(said()[0]?.words).toContain(part)
  const thrown = await payments.x402
    .getX402AccessToken(local.planId)
    .catch((error: unknown) => error as Error)
  if (!(thrown instanceof Error)) throw new Error('a token was made')
  expect(thrown.message).toContain(said()[0]?.words)
  const out = printed([logger.lines, output, thrown])
  expect(['hidden', ...nvmApiKey.split('.')].filter((part) => out.includes(part))).toEqual([])
})

/** Where the API is not, and what is said of it. */
const UNREACHABLE: [string, (local: Local) => string, string[]][] = [
  ['a name that nobody has', () => 'https://nevermined.invalid', ['is not known to DNS', 'VPC']],
  [
    'a port where nothing listens',
    () => 'http://127.0.0.1:1',
    ['nothing listens there (ECONNREFUSED)', 'npx agentcore-x402 local'],
  ],
  [
    'a port that speaks no TLS',
    ({ url }) => url.replace('http:', 'https:'),
    ['it does not speak TLS (EPROTO)', 'http:// instead of https://'],
  ],
]

test.each(UNREACHABLE)('%s is told by the first call', async (_, urlOf, parts) => {
  const { local, said, logger, wrapper } = await seller((it) => ({ backendUrl: urlOf(it) }))
  const output = await wrapper(local.paidEvent(TOOL))
  expect(allTextOf(output)).toMatch(LATER)
  expect(said()).toMatchObject([{ level: 'error', code: 'backend_unreachable' }])
  for (const part of [urlOf(local), ...parts]) expect(said()[0]?.words).toContain(part)
  expect(logger.lines).toContainEqual(
    expect.objectContaining({
      message: 'payments unavailable',
      details: expect.objectContaining({ detail: expect.stringMatching(/^E[A-Z]+$/) }),
    }),
  )
})

test.each(UNREACHABLE)('%s is told by warm(), and not again by a call', async (_, urlOf, parts) => {
  const { local, said, logger, wrapper, payments } = await seller((it) => ({
    backendUrl: urlOf(it),
  }))
  await payments.warm({ planIds: [local.planId], logger })
  await payments.warm({ logger })
  await wrapper(local.paidEvent(TOOL))
  expect(said()).toMatchObject([{ level: 'error', code: 'backend_unreachable' }])
  for (const part of parts) expect(said()[0]?.words).toContain(part)
})

test('a key without a prefix goes to this machine, and the words say why', async () => {
  const bare = { nvmApiKey: jwt({}), backendUrl: 'http://127.0.0.1:1' }
  const { said, logger, payments } = await seller(() => bare)
  await payments.warm({ logger })
  expect(said()[0]?.words).toContain('The key names no environment')
})

test.each([
  ['the look-up of the plan', {}],
  ['verify', { scheme: 'nvm:erc4337', network: 'eip155:84532' }],
])('an API that never answers is told as one that cannot be reached: %s', async (_, terms) => {
  const backendUrl = await webServer(() => undefined)
  const options = { verifyTimeoutMs: 50, ...terms }
  const { local, said, wrapper } = await seller(() => ({ backendUrl, options }))
  await wrapper(local.paidEvent(TOOL))
  expect(said()).toMatchObject([{ level: 'error', code: 'backend_unreachable' }])
  expect(said()[0]?.words).toContain(`${backendUrl} cannot be reached: no answer came in time.`)
})

test('a connection that breaks now and then is no mistake of the seller', async () => {
  const { local, said, logger, wrapper } = await seller()
  local.faults.set({ route: 'verify', kind: 'reset', times: 9 })
  await wrapper(local.paidEvent(TOOL))
  expect(said()).toEqual([])
  expect(logger.lines).toMatchObject([{ message: 'payments unavailable' }])
})

test('warm() says that a plan does not exist, and the log of a call does not repeat it', async () => {
  const { local, said, logger, wrapper, payments } = await seller(() => ({ planId: '404' }))
  await payments.warm({ planIds: ['404', local.planId], logger })
  await wrapper(local.paidEvent(TOOL))
  expect(said()).toMatchObject([{ level: 'error', code: 'plan_not_found' }])
})

test('warm() says nothing where nothing is wrong, and refuses a logger that is none', async () => {
  const { local, logger, payments } = await seller()
  await payments.warm({ planIds: [local.planId], logger })
  expect(logger.lines).toEqual([])
  await expect(payments.warm({ logger: {} as typeof silent })).rejects.toThrow(
    /^logger: expected a logger with debug, info, warn and error/,
  )
})

const PAGE = '<!doctype html><title>Welcome</title>'

test.each<[string, number, string, string[]]>([
  ['a page of HTML', 200, PAGE, ['answered with a page of HTML (HTTP 200)', 'Check the URL']],
  ['a page of a proxy', 502, PAGE, ['a page of HTML (HTTP 502)', 'A proxy or load balancer']],
  ['a firewall', 403, PAGE, ['a page of HTML (HTTP 403)', 'whether a proxy or firewall answers']],
  ['a text', 200, 'Cannot POST /', ['a text that is no JSON (HTTP 200)']],
  ['another API', 404, '{"message":"no"}', ['has nothing at the path that was asked (HTTP 404)']],
  ['nothing', 204, '', ['answered with nothing (HTTP 204)']],
  ['a redirect', 308, '', ['sends the request on to another address']],
])('%s in place of the API is told', async (_, status, body, parts) => {
  const backendUrl = await webServer((_request, response) => {
    response.writeHead(status, { location: 'https://elsewhere.example/' }).end(body)
  })
  const { local, said, wrapper } = await seller(() => ({ backendUrl: `${backendUrl}/base/` }))
  const output = await wrapper(local.paidEvent(TOOL))
  expect(allTextOf(output)).toMatch(LATER)
  expect(said()).toMatchObject([{ level: 'error', code: 'backend_not_nevermined' }])
  for (const part of [`${backendUrl}/base `, ...parts]) expect(said()[0]?.words).toContain(part)
})

test('an outage in the words of the API is no mistake of the seller', async () => {
  const { local, said, logger, wrapper } = await seller()
  local.faults.set({ kind: 'error', status: 500, times: 9 })
  await wrapper(local.paidEvent(TOOL))
  expect(said()).toEqual([])
  expect(logger.lines).toMatchObject([{ message: 'payments unavailable' }])
})
