import { createHash } from 'node:crypto'
import { BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { PaymentRecord, PaymentState } from '../../../src/seller/options/payment-record.js'
import { recordItem } from '../../../src/store/record-item.js'
import { createSealer } from '../../../src/store/sealer.js'
import { refundIdOf } from '../../../src/wire/payment-key.js'
import { SECRET } from '../../store/support/table.js'

const DAY_MS = 86_400_000
/** USDC of Base Sepolia. */
const USDC_ON_BASE_SEPOLIA = '0x036CbD53842c5426634e7929541eC2318f3dCF7e'
const TOOLS = ['search', 'translate', 'weather_forecast', 'summarise_documents_of_a_library']
export const PLAN = '87243761987236498712364987123649871236498712364987'

/** How often each state occurs in a table that is in use. */
const USUAL: readonly [PaymentState, number][] = [
  ...(
    [
      ['settled', 100],
      ['refused', 6],
      ['refunded', 3],
      ['refund_due', 2],
    ] as const
  ).map(([state, parts]): [PaymentState, number] => [state, parts]),
  ['dead', 1],
  ['unknown', 2],
  ['pending', 1],
  ['settling', 1],
  ['claimed', 2],
  ['unverified', 1],
]

/** The payment of a number, as a seller writes it. The same number makes the same payment. */
export function madePayment(
  number: number,
  nowMs: number,
  state = usualState(number),
): PaymentRecord {
  const text = (name: string, encoding: 'hex' | 'base64url' = 'hex'): string =>
    createHash('sha256').update(`${name} ${number}`).digest(encoding)
  const isMoney = number % 3 === 0
  const key = text('key', 'base64url')
  const payer = `0x${text(`payer ${number % 17}`).slice(0, 40)}`
  const transaction = `0x${text('transaction')}`
  const correlationId = `${text('c').slice(0, 8)}-0000-4000-8000-${text('c').slice(8, 20)}`
  const createdAt = nowMs - (number % 30) * DAY_MS - (number % 1_440) * 60_000
  const charged = isMoney
    ? { amount: String(10_000 * (1 + (number % 5))), asset: USDC_ON_BASE_SEPOLIA }
    : { credits: String(1 + (number % 4)) }
  const place = isMoney ? { network: 'eip155:84532' } : { planId: PLAN, network: 'eip155:84532' }
  const isCharged = ['settled', 'refund_due', 'refunded'].includes(state)
  const isOpen = ['settling', 'claimed', 'unverified'].includes(state)
  const { amount, credits } = charged as { amount?: string; credits?: string }
  return {
    ...{ key, alias: undefined, payloadHash: text('payload'), fingerprint: text('call') },
    ...{ state, version: 3, owner: `owner-${number}` },
    leaseUntil: isOpen ? nowMs + 30_000 : 0,
    expiresAt: createdAt + DAY_MS,
    isDelivered: state === 'settled',
    ...{ isDisputed: false, wasTakenOver: false, wasUsedBefore: false },
    asked: {
      ...{ amount: amount ?? credits ?? '', correlationId },
      ...{ agentRequestId: undefined, facilitator: isMoney ? 0 : undefined },
    },
    settlement: isCharged
      ? {
          settled: {
            ...{ success: true, payer, transaction, network: 'eip155:84532' },
            ...(isMoney ? { amount } : { creditsRedeemed: credits, remainingBalance: '95' }),
          },
          creditsUsed: BigInt(credits ?? '0'),
          inV1: false,
        }
      : undefined,
    refund: state.startsWith('refund')
      ? {
          ...{ id: refundIdOf(key, correlationId), reason: 'handler_failed', payer, ...charged },
          ...{ ...place, transaction, correlationId },
        }
      : undefined,
    isRefundReported: state.startsWith('refund'),
    transaction: state === 'pending' ? transaction : undefined,
    settlementId: undefined,
    sold: {
      ...{ tool: TOOLS[number % TOOLS.length] ?? '', rail: isMoney ? 'asset' : 'plan', payer },
      ...{ ...place, ...charged },
      ...(isMoney && { paymentId: `pay_${text('id').slice(0, 16)}` }),
    },
    ...{ createdAt, changedAt: createdAt + 900 },
    attempts: state === 'unknown' || state === 'dead' ? 4 : 0,
    nextAttemptAt: state === 'unknown' ? nowMs + 900_000 : 0,
    code: state === 'dead' ? 'outcome_unknown' : undefined,
  }
}

function usualState(number: number): PaymentState {
  const all = USUAL.reduce((sum, [, parts]) => sum + parts, 0)
  let left = (number * 37) % all
  for (const [state, parts] of USUAL) {
    if (left < parts) return state
    left -= parts
  }
  return 'settled'
}

/** How many items one request takes, by DynamoDB's API. */
const BATCH = 25
const AT_ONCE = 8

/** Writes payments into a table, several batches at once. */
export async function writePayments(
  client: DynamoDBClient,
  table: string,
  payments: Iterable<PaymentRecord>,
): Promise<void> {
  const options = { sealer: createSealer(SECRET), keepClosedMs: 90 * DAY_MS }
  const iterator = payments[Symbol.iterator]()
  const writer = async (): Promise<void> => {
    for (;;) {
      const batch: PaymentRecord[] = []
      while (batch.length < BATCH) {
        const next = iterator.next()
        if (next.done === true) break
        batch.push(next.value)
      }
      if (batch.length === 0) return
      const requests = batch.map((record) => ({
        PutRequest: { Item: recordItem(record, { writeId: record.key }, options) },
      }))
      await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, writer))
}

/** Payments of the numbers from 0. */
export function* somePayments(count: number, nowMs: number): Generator<PaymentRecord> {
  for (let number = 0; number < count; number += 1) yield madePayment(number, nowMs)
}
