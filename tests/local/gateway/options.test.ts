import { expect, test } from '@jest/globals'
import { OptionsError } from '../../../src/index.js'
import { createGateway } from '../../../src/local/gateway/index.js'
import { tool } from '../support/gateway.js'

const lambda = () => 1
const target = { name: 'shop', lambda, tools: [tool('echo')] }
const threeParameters = (...[a, b, c]: unknown[]) => [a, b, c]
Object.defineProperty(threeParameters, 'length', { value: 3 })
const withTarget = (more: object) => ({ targets: [{ ...target, ...more }] })
const withTool = (more: object) => withTarget({ tools: [{ ...tool('echo'), ...more }] })
const withSchema = (inputSchema: object) => withTool({ inputSchema })
const withHeader = (name: string) => withTarget({ allowedRequestHeaders: [name] })
const server = { name: 'srv', mcp: 'http://127.0.0.1:1/mcp' }
const api = { name: 'api', http: 'http://127.0.0.1:1' }
const names = (count: number) => Array.from({ length: count }, (_one, i) => `x-${i}`)

const REFUSED: [string, object, string][] = [
  ['an option that is none', { prot: 1 }, 'prot'],
  ['no targets', { targets: [] }, 'targets'],
  ['two targets of one name', { targets: [target, target] }, 'targets'],
  ['MCP and HTTP targets together', { targets: [server, api] }, 'targets'],
  ['a name with an underscore', withTarget({ name: 'a_b' }), 'targets[0].name'],
  ['a name with two hyphens', withTarget({ name: 'a--b' }), 'targets[0].name'],
  ['a name of 101 letters', withTarget({ name: 'a'.repeat(101) }), 'targets[0].name'],
  ['a lambda that is none', withTarget({ lambda: {} }), 'targets[0].lambda'],
  ['a handler with a callback', withTarget({ lambda: threeParameters }), 'targets[0].lambda'],
  [
    'an interceptor with a callback',
    { requestInterceptor: { lambda: threeParameters } },
    'requestInterceptor.lambda',
  ],
  [
    'an interceptor with an unknown option',
    { responseInterceptor: { lambda, pass: 1 } },
    'responseInterceptor.pass',
  ],
  ['a server without a URL', { targets: [{ ...server, mcp: 'srv' }] }, 'targets[0].mcp'],
  [
    'a server elsewhere than on the web',
    { targets: [{ ...server, mcp: 'ftp://a' }] },
    'targets[0].mcp',
  ],
  ...[-1, 1001, 0.5, '1'].map((resourcePriority): [string, object, string] => [
    `a priority of ${JSON.stringify(resourcePriority)}`,
    { targets: [{ ...server, resourcePriority }] },
    'targets[0].resourcePriority',
  ]),
  ['an HTTP target without a URL', { targets: [{ ...api, http: '' }] }, 'targets[0].http'],
  ['a version nobody knows', { protocolVersions: ['2024-11-05'] }, 'protocolVersions'],
  ['no version', { protocolVersions: [] }, 'protocolVersions'],
  [
    'a session of 15 minutes less a second',
    { sessions: { timeoutSeconds: 899 } },
    'sessions.timeoutSeconds',
  ],
  [
    'a session of more than 8 hours',
    { sessions: { timeoutSeconds: 28_801 } },
    'sessions.timeoutSeconds',
  ],
  ['a timeout of nothing', { interceptorTimeoutMs: 0 }, 'interceptorTimeoutMs'],
  ['a timeout of more than 15 minutes', { targetTimeoutMs: 900_001 }, 'targetTimeoutMs'],
  ['an assumption that is none', { assume: { batches: 'served' } }, 'assume.batches'],
  ['half a retry', { assume: { interceptorRetries: 0.5 } }, 'assume.interceptorRetries'],
  [
    'eleven headers',
    withTarget({ allowedRequestHeaders: names(11) }),
    'targets[0].allowedRequestHeaders',
  ],
  [
    'eleven response headers',
    { targets: [{ ...server, allowedResponseHeaders: names(11) }] },
    'targets[0].allowedResponseHeaders',
  ],
  ['no tools', withTarget({ tools: [] }), 'targets[0].tools'],
  ['two tools of one name', withTarget({ tools: [tool('a'), tool('a')] }), 'targets[0].tools'],
  ['a tool without a name', withTool({ name: '' }), 'targets[0].tools[0].name'],
  [
    'a tool name of 257 letters with its prefix',
    withTool({ name: 'a'.repeat(250) }),
    'targets[0].tools[0].name',
  ],
  [
    'a tool without a description',
    withTool({ description: undefined }),
    'targets[0].tools[0].description',
  ],
  ['a schema without a type', withSchema({}), 'targets[0].tools[0].inputSchema.type'],
  ['an enum', withSchema({ type: 'string', enum: ['a'] }), 'targets[0].tools[0].inputSchema.enum'],
  [
    'an enum further down',
    withSchema({
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'string', enum: [] } } },
    }),
    'targets[0].tools[0].inputSchema.properties.a.items.enum',
  ],
  [
    'a type that is none',
    withTool({ outputSchema: { type: 'null' } }),
    'targets[0].tools[0].outputSchema.type',
  ],
]

test.each(REFUSED)('%s is refused when the gateway is made', (_title, options, option) => {
  const make = () => createGateway({ targets: [target], ...options })
  expect(make).toThrow(OptionsError)
  expect(make).toThrow(expect.objectContaining({ option }))
})

test.each([
  'Authorization',
  'WWW-Authenticate',
  'cookie',
  'Content-Type',
  'Accept-Language',
  'X-Forwarded-For',
  'Access-Control-Allow-Origin',
  'Retry-After',
  'Link',
  'X-Amzn-Trace-Id',
  'x amp',
  '',
])('the header %p is never propagated', (name) => {
  expect(() => createGateway(withHeader(name))).toThrow(
    expect.objectContaining({ option: 'targets[0].allowedRequestHeaders' }),
  )
})

test.each([
  'X-PAYMENT',
  'PAYMENT-SIGNATURE',
  'PAYMENT-REQUIRED',
  'PAYMENT-RESPONSE',
  'X-Amzn-Bedrock-AgentCore-Runtime-Custom-Tenant',
  'Mcp-Session-Id',
])('the header %s can be propagated', (name) => {
  expect(createGateway(withHeader(name)).invocations).toEqual([])
})

test('a gateway with sessions keeps Mcp-Session-Id to itself', () => {
  const options = withHeader('mcp-session-id')
  expect(() => createGateway({ ...options, sessions: true })).toThrow(OptionsError)
})

test('everything that is allowed at once is allowed', () => {
  const gateway = createGateway({
    targets: [
      {
        name: 'A-1-b',
        lambda,
        tools: [tool('a___b'), tool('c')],
        allowedRequestHeaders: names(10),
      },
      { ...server, allowedResponseHeaders: names(10) },
    ],
    requestInterceptor: { lambda: { invoke: async () => 'null' }, passRequestHeaders: true },
    protocolVersions: ['2026-07-28'],
    sessions: { timeoutSeconds: 28_800 },
    interceptorTimeoutMs: 1,
    targetTimeoutMs: 900_000,
  })
  expect(gateway.invocations).toEqual([])
})
