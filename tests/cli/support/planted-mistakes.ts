import type { Wish } from '../../../src/cli/doctor/examine.js'
import type { Finding } from '../../../src/cli/doctor/finding.js'
import type { ReportedGateway } from './aws-api.js'

/** Where the services of the tests are. */
export interface Places {
  /** The local stack, whose environment every case has. */
  local: string
  planId: string
  /** A server of answers that nobody expects. */
  others: string
  /** A table of payments, and one with other keys. */
  tables: { good: string; lasting: string; other: string; endpoint: string }
}

/** A mistake in a setup, and how `doctor` names it. */
export interface Planted {
  name: string
  /** The handler's module, below its imports. */
  handler?: (at: Places) => string
  wish?: (at: Places) => Partial<Wish>
  env?: (at: Places) => Record<string, string>
  /** What AWS reports of the Gateway. */
  gateway?: (good: ReportedGateway) => void
  found: Pick<Finding, 'level' | 'check'> & { message: RegExp; cure: RegExp }
}

/** A handler with these options, beside those that are right. */
export const selling = (options: string, call = 'requiresPayment'): string =>
  call === 'requiresPayment'
    ? `export const handler = requiresPayment(async () => ({ content: [] }), { ...plan, ...${options} })`
    : `export const handler = createLambdaHandler({ ...plan, ...${options} })`

const inMoney = (options: string): string =>
  `const money = (url) => ({ price: '$0.01', payTo: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8', network: 'eip155:84532', facilitators: [new HTTPFacilitatorClient({ url })] })
   export const handler = requiresPayment(async () => ({ content: [] }), ${options})`

export const fail = (check: string, message: RegExp, cure: RegExp) =>
  ({ level: 'fail', check, message, cure }) as const
export const warn = (check: string, message: RegExp, cure: RegExp) =>
  ({ level: 'warn', check, message, cure }) as const

const jwt = (claims: object): string =>
  `eyJhbGciOiJFUzI1NksifQ.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2lnbmF0dXJl`
const account = '0x5b245de390396cada72ba4836bb8ca50a662aeff'

export const HANDLER_MISTAKES: Planted[] = [
  {
    name: 'a file that is not there',
    wish: () => ({ handler: 'dist/nothing.mjs' }),
    found: fail('handler', /no file dist\/nothing\.mjs/, /Build the handler first/),
  },
  {
    name: 'a module with a syntax error',
    handler: () => 'export const handler = requiresPayment(',
    found: fail('handler', /cannot be loaded: SyntaxError: .* at .*\.mjs:\d+$/, /Mend the module/),
  },
  {
    name: 'a module whose dependency is missing',
    handler: () => "import 'no-such-package'",
    found: fail('handler', /cannot be loaded: .*no-such-package/, /Mend the module/),
  },
  {
    name: 'another name for the export',
    handler: () => 'export const main = async () => 1',
    found: fail('handler', /exports no function "handler", but main/, /Export "handler"/),
  },
  {
    name: 'a handler that is not wrapped',
    handler: () => 'export const handler = async () => ({ content: [] })',
    found: fail('handler', /is not sold/, /Wrap it with requiresPayment/),
  },
  {
    name: 'an option that does not exist',
    handler: () => selling('{ credit: 2 }'),
    found: fail('handler', /credit: /, /Mend the option credit/),
  },
  {
    name: 'a payee with a wrong checksum',
    handler: () =>
      inMoney(
        `{ ...money('http://127.0.0.1:9'), payTo: '0x70997970C51812dc3A010C7d01b50e0d17dc79c8' }`,
      ),
    found: fail('handler', /payTo: .*checksum/, /Mend the option payTo/),
  },
  {
    name: 'a listed tool that is not sold',
    handler:
      () => `${selling('{ planId: undefined, credits: undefined, tools: { other: { planId: plan.planId, credits: 1 } } }')}
      export const tools = [{ name: 'hello', description: '', inputSchema: { type: 'object' } }]`,
    found: fail('price', /hello is listed and not sold/, /Add hello to the option tools/),
  },
  {
    name: 'a row that no tool has',
    handler: () => `${selling('{ tools: { helo: { credits: 2 } } }')}
      export const tools = [{ name: 'hello', description: '', inputSchema: { type: 'object' } }]`,
    found: warn('price', /the option tools has helo/, /Check the spelling/),
  },
  {
    name: 'a price that fails',
    handler: () => `${selling('{ credits: () => Number.NaN, maxCredits: 5 }')}
      export const tools = [{ name: 'hello', description: '', inputSchema: { type: 'object' } }]`,
    found: fail('price', /the price of hello cannot be said/, /Mend the price/),
  },
  {
    name: 'no shared store',
    handler: () => selling('{}'),
    found: warn('table', /remembered by each container alone/, /dynamoDbStore/),
  },
]

export const SERVICE_MISTAKES: Planted[] = [
  {
    name: 'a key that is cut off',
    env: () => ({ NVM_API_KEY: 'sandbox:eyJhbGciOiJF' }),
    found: fail('key', /NVM_API_KEY cannot be used/, /Copy the whole key/),
  },
  {
    name: 'a key that has ended',
    env: () => ({ NVM_API_KEY: `local:${jwt({ sub: account, exp: 1_700_000_000 })}` }),
    found: fail('key', /It ended on 2023-11-14/, /Make a new key/),
  },
  {
    name: 'a key that ends soon',
    env: () => {
      const exp = Math.floor(Date.now() / 1000) + 3 * 86_400 + 60
      return { NVM_API_KEY: `local:${jwt({ sub: account, exp })}` }
    },
    found: warn('key', /It ends in 3 days/, /Make a new key/),
  },
  {
    name: 'a key of another environment',
    env: () => ({ NVM_ENVIRONMENT: 'live', NVM_API_KEY: `sandbox:${jwt({ sub: account })}` }),
    found: fail(
      'key',
      /NVM_ENVIRONMENT cannot be used: .*belongs to 'sandbox'/,
      /Copy the whole key/,
    ),
  },
  {
    name: 'a key that the backend does not know',
    env: () => ({ NVM_API_KEY: `local:${jwt({ sub: account })}` }),
    found: fail('key', /is refused by/, /key of the local stack/),
  },
  {
    name: 'a plan that is unknown',
    env: () => ({ NVM_PLAN_ID: '40404' }),
    found: fail('plan', /the plan '40404' does not exist/, /Copy the id from the Nevermined app/),
  },
  {
    name: 'a plan that is unknown, in a handler with a copy of the package',
    handler: () => selling("{ planId: '40404' }"),
    found: fail('plan', /the plan '40404' does not exist/, /Copy the id from the Nevermined app/),
  },
  {
    name: 'a backend that is not there',
    env: () => ({ NVM_BACKEND_URL: 'http://127.0.0.1:9' }),
    found: fail('plan', /127\.0\.0\.1:9 cannot be reached/, /Start the local stack/),
  },
  {
    name: 'a backend that is something else',
    env: ({ others }) => ({ NVM_BACKEND_URL: `${others}/page` }),
    found: fail('plan', /answered with a page of HTML/, /Check the URL/),
  },
  {
    name: 'a price above an order of the plan',
    handler: () => selling('{ credits: 1000 }'),
    found: fail(
      'price',
      /costs 1000 credits, and one order of the plan .* gives 10$/,
      /Lower the price/,
    ),
  },
  {
    name: 'a price that the plan does not take',
    handler: () => selling('{ credits: 9 }'),
    found: warn(
      'price',
      /costs 9 credits, and the plan .* takes 5 for each call/,
      /one that the plan allows/,
    ),
  },
  {
    name: 'the scheme of another kind of plan',
    handler: () => selling("{ scheme: 'nvm:card-delegation', network: 'stripe' }"),
    found: fail('plan', /the option scheme is 'nvm:card-delegation'/, /Leave scheme out/),
  },
  {
    name: 'an agent without the plan',
    env: ({ others }) => ({ NVM_BACKEND_URL: `${others}/backend`, NVM_AGENT_ID: '77' }),
    found: fail('agent', /is not a plan of the agent '77'/, /Add the plan to the agent/),
  },
  {
    name: 'an agent that is unknown',
    env: ({ others }) => ({ NVM_BACKEND_URL: `${others}/backend`, NVM_AGENT_ID: '88' }),
    found: fail('agent', /no agent '88'/, /Copy the id of the agent/),
  },
  {
    name: 'a facilitator that is not there',
    handler: () => inMoney("money('http://127.0.0.1:9')"),
    found: fail('facilitator', /127\.0\.0\.1:9 cannot be reached/, /Start the local stack/),
  },
  {
    name: 'a wrong path of the facilitator',
    handler: ({ local }) => inMoney(`money('${local}/facilitater')`),
    found: fail(
      'facilitator',
      /has nothing at the path that was asked/,
      /Check the URL and its path/,
    ),
  },
  {
    name: 'a facilitator that wants a key',
    handler: ({ others }) => inMoney(`money('${others}/locked')`),
    found: fail('facilitator', /does not let this seller in/, /Give createAuthHeaders/),
  },
  {
    name: 'a network that the facilitator does not serve',
    handler: ({ local }) => inMoney(`{ ...money('${local}/facilitator'), network: 'eip155:8453' }`),
    found: fail(
      'facilitator',
      /no facilitator serves exact on eip155:8453: .* serves exact on eip155:84532/,
      /take another facilitator/,
    ),
  },
  {
    name: "the facilitator's own address as payee",
    handler: ({ others }) => inMoney(`money('${others}/signing')`),
    found: fail('payTo', /is the address of the facilitator/, /address of your own/),
  },
  {
    name: 'a clock that is wrong',
    handler: ({ others }) => inMoney(`money('${others}/ahead')`),
    found: fail('clock', /2 hours|120 minutes/, /Set the clock/),
  },
]

export const TABLE_MISTAKES: Planted[] = [
  {
    name: 'a table that is not there',
    wish: ({ tables }) => ({ table: 'nowhere', endpoint: tables.endpoint }),
    found: fail('table', /no table "nowhere"/, /create-table --table nowhere/),
  },
  {
    name: 'a table of something else',
    wish: ({ tables }) => ({ table: tables.other, endpoint: tables.endpoint }),
    found: fail('table', /is no table of payments: its key is id HASH/, /Take another name/),
  },
  {
    name: 'a table that deletes nothing',
    wish: ({ tables }) => ({ table: tables.lasting, endpoint: tables.endpoint }),
    found: warn('table', /does not delete by time/, /turns deletion by time on/),
  },
]

export const URL_MISTAKES: Planted[] = [
  ...(
    [
      ['free', fail('url', /answers 200 without payment/, /Wrap the handler/)],
      ['moved', fail('url', /sends callers on/, /Name the URL/)],
      ['login', fail('url', /lets nobody in/, /authorizer/)],
      ['down', fail('url', /fails \(HTTP 502\)/, /log of the function/)],
      ['in-body', fail('challenge', /in the body only/, /Send the header payment-required/)],
      ['version-1', warn('challenge', /by x402 v1/, /Send the header payment-required/)],
      ['unreadable', fail('challenge', /no buyer can read/, /inspect/)],
      [
        'decimal',
        fail(
          'challenge',
          /accepts\[0\]\.amount: The amount 0\.01 has a decimal point/,
          /smallest unit/,
        ),
      ],
      ['no-caip', fail('challenge', /base is no such name/, /Write eip155:8453/)],
      [
        'nobody',
        fail('challenge', /payTo: Expected an address that somebody owns/, /mend its price/),
      ],
      ['no-domain', fail('challenge', /extra\.name is missing/, /EIP-712/)],
      ['elsewhere', warn('challenge', /resource\.url is https:\/\/other/, /option endpoint/)],
    ] as const
  ).map(([name, found]) => ({
    name: `a URL: ${name}`,
    wish: ({ others }: Places) => ({ url: `${others}/${name}` }),
    found,
  })),
  {
    name: 'an MCP endpoint without a tool',
    wish: ({ others }) => ({ url: `${others}/mcp-only` }),
    found: fail('url', /does not answer a GET/, /--tool/),
  },
  {
    name: 'a tool that is unknown',
    wish: ({ local }) => ({ url: `${local}/mcp`, tool: 'Greeter___hallo' }),
    found: fail('url', /no tool Greeter___hallo; did you mean Greeter___hello/, /Check the name/),
  },
  {
    name: 'a URL where nothing listens',
    wish: () => ({ url: 'http://127.0.0.1:1/quote' }),
    found: fail('url', /gives no answer \((ECONNREFUSED|bad port)\)$/, /Check host/),
  },
]
