import type { OptionName } from '../../../src/seller/options/option-checks.js'
import { at, type Area } from './section.js'
import * as give from './wrong-values.js'

const GROUPS = {
  credits: 'Prices in credits',
  money: 'Prices in money',
  tools: 'Prices per tool',
  order: 'Order and settlement',
  calls: 'Which calls are sold',
  told: 'What buyers are told',
  memory: 'What is remembered',
  hooks: 'Hooks and events',
  time: 'Time, clock and log',
} as const

type Group = keyof typeof GROUPS

const ABOUT: Readonly<Record<Group, string>> = {
  credits: 'Guide: [selling](selling.md).',
  money: 'Guide: [prices in money](prices-in-money.md).',
  tools: 'A row of `tools` has options of its own: see [one tool](#one-tool).',
  order: 'Guide: [who bears which risk](prices-in-money.md#flows-and-risks).',
  calls: 'Guide: [answers and events](answers.md).',
  told: 'Guide: [answers and events](answers.md).',
  memory: 'Guide: [durable payments](durable-payments.md).',
  hooks: 'Guides: [hooks](answers.md#hooks), [events](operating.md#events).',
  time: 'Guide: [operating](operating.md).',
}

/** Every option of the seller, in the order of the page. A new one does not compile without its group. */
const SELLER_OPTIONS: Readonly<Record<OptionName, Group>> = {
  payments: 'credits',
  facilitator: 'credits',
  planId: 'credits',
  planIds: 'credits',
  credits: 'credits',
  maxCredits: 'credits',
  creditsFrom: 'credits',
  price: 'money',
  payTo: 'money',
  facilitators: 'money',
  scheme: 'money',
  network: 'money',
  maxTimeoutSeconds: 'money',
  paymentIdentifier: 'money',
  rpcUrls: 'money',
  tools: 'tools',
  toolNames: 'tools',
  flow: 'order',
  chargeOnError: 'order',
  onSettlementRefused: 'order',
  onSettlementUnknown: 'order',
  retrySettleByRequestId: 'order',
  billableMethods: 'calls',
  otherMethods: 'calls',
  httpTargets: 'calls',
  httpEvents: 'calls',
  tokenHeader: 'calls',
  validate: 'calls',
  cors: 'calls',
  forwardAuthorization: 'calls',
  description: 'told',
  mimeType: 'told',
  agentId: 'told',
  endpoint: 'told',
  structuredChallenge: 'told',
  paymentStore: 'memory',
  keepAnswers: 'memory',
  replayAnswers: 'memory',
  waitForAnswerMs: 'memory',
  onTakeover: 'memory',
  overdraftGuard: 'memory',
  idempotencyKey: 'memory',
  onBeforeVerify: 'hooks',
  onAfterVerify: 'hooks',
  onAfterSettle: 'hooks',
  onPaymentError: 'hooks',
  onRefundDue: 'hooks',
  onEvent: 'hooks',
  verifyTimeoutMs: 'time',
  settleTimeoutMs: 'time',
  settleReserveMs: 'time',
  logger: 'time',
  now: 'time',
}

const seller = at('seller/options/options.ts', 'RequiresPaymentOptions')

export const SELLER: Area = {
  heading: 'Selling',
  about:
    '`requiresPayment(handler, options)`, `createLambdaHandler(options)` and `createInterceptor(options)` take all of these.',
  sections: [
    ...(Object.keys(GROUPS) as Group[]).map((group) => ({
      heading: GROUPS[group],
      place: seller,
      about: ABOUT[group],
      names: Object.entries(SELLER_OPTIONS).flatMap(([name, of]) => (of === group ? [name] : [])),
      give: give.seller,
    })),
    {
      heading: 'One tool',
      place: at('seller/options/tool-options.ts', 'ToolOptions'),
      about: 'A row of `tools`: `tools: { search: { credits: 2 } }`. Guide: [selling](selling.md).',
      path: 'tools.search.',
      give: give.tool,
    },
    {
      heading: 'Cross-origin pages',
      place: at('seller/options/cors-options.ts', 'CorsOptions'),
      about: "The option `cors`: `cors: { origins: ['https://shop.example'] }`.",
      path: 'cors.',
      give: give.cors,
    },
    {
      heading: 'The interceptor alone',
      place: at('seller/options/interceptor-options.ts', 'HandoffOptions'),
      about:
        '`createInterceptor` and `createLambdaHandler` take these beside all of the above. Guide: [interceptor](interceptor.md).',
      give: give.interceptor,
    },
  ],
}
