import { AGENTCORE, STRANDS } from './agent-sections.js'
import { SIGNED_LIMITS } from '../../../src/limits/check-limits.js'
import { LOCAL } from './local-sections.js'
import { at, type Area } from './section.js'
import { SELLER } from './seller-sections.js'
import * as give from './wrong-values.js'

const STORES: Area = {
  heading: 'What a seller is made of',
  sections: [
    {
      heading: 'memoryStore',
      place: at('seller/records/memory-store.ts', 'MemoryStoreOptions'),
      about:
        '`memoryStore(options)`. A full store forgets answers first, then the oldest payments that have ended. It never forgets payments in work. If it is full of them, new calls get 503.',
      give: give.memoryStore,
    },
    {
      heading: 'dynamoDbStore',
      place: at('store/dynamodb-store.ts', 'DynamoDbStoreOptions'),
      about:
        '`dynamoDbStore(options)` of `agentcore-x402/dynamodb`. Guide: [durable payments](durable-payments.md).',
      give: give.dynamoDbStore,
    },
    {
      heading: 'createSettlementWorker',
      place: at('worker/worker-options.ts', 'SettlementWorkerOptions'),
      about:
        '`createSettlementWorker(options)` of `agentcore-x402/worker`, a Lambda handler for a schedule. Guide: [operating](operating.md#the-settlement-worker).',
      give: give.settlementWorker,
    },
    {
      heading: 'markRefunded',
      place: at('seller/records/mark-refunded.ts', 'MarkRefundedOptions'),
      about:
        '`markRefunded(paymentStore, id, options)`. Guide: [refunds](durable-payments.md#refunds).',
    },
    {
      heading: 'Payments.getInstance',
      place: at('payments.ts', 'PaymentsOptions'),
      about: '`Payments.getInstance(options)`, the Nevermined client of sellers and buyers.',
      give: give.payments,
    },
    {
      heading: 'payments.warm',
      place: at('nevermined/warm-up.ts', 'WarmOptions'),
      about:
        '`payments.warm(options)` connects ahead, and looks plans up. Guide: [performance](performance.md).',
      give: give.warm,
    },
    {
      heading: 'HTTPFacilitatorClient',
      place: at('facilitators/http-facilitator-options.ts', 'HTTPFacilitatorClientOptions'),
      about:
        '`new HTTPFacilitatorClient(options)`. Give several clients as `facilitators`, and another one is asked if one fails. Guide: [prices in money](prices-in-money.md).',
      give: give.facilitator,
    },
  ],
}

const BUYER: Area = {
  heading: 'Buying',
  sections: [
    {
      heading: 'Limits of a buyer',
      place: at('client/buying/limits.ts', 'PaymentLimits'),
      about:
        'The argument `limits` of `payingFetch`, `payingAxios`, `payingMcp` and `createBudget`. It also takes the [limits of one payment](#limits-of-one-payment). Guide: [buying](buying.md).',
      without: Object.keys(SIGNED_LIMITS),
      path: 'limits.',
      give: give.limits,
    },
    {
      heading: 'Limits of one payment',
      place: at('limits/signed-payment-limits.ts', 'SignedPaymentLimits'),
      about:
        'The paying clients take these among their limits. `PaymentManager` and `AgentCorePaymentsPlugin` take them as `limits`.',
      path: 'limits.',
      give: give.signedLimits,
    },
    {
      heading: 'One allowance',
      place: at('client/buying/limits.ts', 'Allowance'),
      about:
        'The value of `credits`, and each value of `budgets`. Amounts are `bigint`, or whole numbers as text.',
      path: 'limits.credits.',
      give: give.allowance,
    },
    {
      heading: 'payingFetch',
      place: at('client/paying-fetch.ts', 'PayingFetchOptions'),
      about:
        '`payingFetch(payer, limits, options)`. `payingAxios(instance, payer, limits)` takes no options.',
      give: give.payingFetch,
    },
    {
      heading: 'payingMcp',
      place: at('client/paying-mcp.ts', 'PayingMcpOptions'),
      about: '`payingMcp(client, payer, limits, options)`.',
      give: give.payingMcp,
    },
    {
      heading: 'payments.payer',
      place: at('nevermined/payer-options.ts', 'PayerOptions'),
      about: '`payments.payer(options)` pays from plans of Nevermined.',
      give: give.payer,
    },
    {
      heading: 'payments.x402.getX402AccessToken',
      place: at('nevermined/subscriber.ts', 'X402TokenOptions'),
      about:
        '`payments.x402.getX402AccessToken(planId, agentId, options)` mints a token to pay with.',
      path: 'tokenOptions.',
      give: give.token,
    },
    {
      heading: 'payments.delegation.createDelegation',
      place: at('nevermined/subscriber.ts', 'CreateDelegationPayload'),
      about:
        '`payments.delegation.createDelegation(payload)` lets tokens spend more than the account holds.',
      give: give.delegation,
    },
  ],
}

/** Everything that takes options, in the order of the page. */
export const AREAS: readonly Area[] = [SELLER, STORES, BUYER, AGENTCORE, STRANDS, LOCAL]
