import { inCall } from '../errors/in-call.js'
import {
  optionalFunction,
  optionalInteger,
  optionalMilliseconds,
  onlyKnown,
  text,
} from '../checks.js'
import { OptionsError } from '../errors/payment-error.js'
import type { InterceptorStore } from '../seller/options/interceptor-options.js'
import type { WorkerStore } from '../seller/options/worker-store.js'
import { DueIndex } from './due-index.js'
import { HandoffTable } from './handoff-table.js'
import { PaymentsTable } from './payments-table.js'
import { ReservationsTable } from './reservations-table.js'
import { createSealer } from './sealer.js'
import { type DynamoDbClient, TableRequests } from './table-requests.js'

/** Options of {@link dynamoDbStore}. */
export interface DynamoDbStoreOptions {
  /**
   * Name or ARN of a table as `tableDefinition` describes it. Every function that sells the same things uses the same
   * table.
   */
  table: string
  /**
   * Encrypts kept answers, and whatever of a record could be private, with AES-256-GCM. It has at least 32 characters
   * and is the same in every container. Of a list, the first encrypts and all decrypt. To change a secret, put the new
   * one first. Drop the old one a day later, when no open payment and no refund due from before is left.
   *
   * The table still shows its readers who paid, how much, and for what kind of call.
   */
  secret: string | readonly string[]
  /**
   * A `DynamoDBClient` of the AWS SDK, or a `DynamoDBDocumentClient` over one. It is not changed.
   *
   * @default one that finds region and credentials by itself
   */
  client?: DynamoDbClient | undefined
  /**
   * How long a request to the table may take, its repeats included. Unit: ms, 1 to 900 000.
   *
   * @default 3000
   */
  timeoutMs?: number | undefined
  /**
   * How long a payment that has ended stays in the table, for people to look up. Payments that have not ended, and
   * refunds that are due, are never deleted. A payment that was deleted and comes again counts as new. Unit: days, 1 to
   * 3650.
   *
   * @default 90
   */
  keepClosedDays?: number | undefined
  /**
   * The clock of what interceptors hand over, to replace in tests. Unit: ms since the epoch.
   *
   * @default Date.now
   */
  now?: (() => number) | undefined
}

const OPTIONS: Record<keyof DynamoDbStoreOptions, true> = {
  table: true,
  secret: true,
  client: true,
  timeoutMs: true,
  keepClosedDays: true,
  now: true,
}

const DEFAULT_TIMEOUT_MS = 3_000
const DEFAULT_KEPT_DAYS = 90
const DAY_MS = 24 * 3_600_000

/**
 * Remembers payments in a DynamoDB table, for every container that uses the same table. A payment is run and
 * charged once wherever it comes in. A call that one container began can be finished by another. Give the
 * store as `paymentStore`, and to interceptors also as `store`.
 *
 * AWS's SDK is loaded by the first call that needs it: `npm install @aws-sdk/client-dynamodb`.
 *
 * @throws OptionsError naming the option at fault.
 */
export function dynamoDbStore(options: DynamoDbStoreOptions): WorkerStore & InterceptorStore {
  return inCall('dynamoDbStore', { ...options, options }, () => createStore(options))
}

function createStore(options: DynamoDbStoreOptions): WorkerStore & InterceptorStore {
  onlyKnown('options', options, OPTIONS)
  const { secret, client, timeoutMs, keepClosedDays, now } = options
  const requests = new TableRequests({
    table: checkTable(options.table),
    client: checkClient(client),
    timeoutMs: optionalMilliseconds('timeoutMs', timeoutMs) ?? DEFAULT_TIMEOUT_MS,
  })
  const days = optionalInteger('keepClosedDays', keepClosedDays, 1, 3_650) ?? DEFAULT_KEPT_DAYS
  const itemOptions = { sealer: createSealer(secret), keepClosedMs: days * DAY_MS }
  const handoff = new HandoffTable(requests, optionalFunction('now', now) ?? Date.now)
  const payments = new PaymentsTable(requests, itemOptions)
  const index = new DueIndex(requests)
  const balances = new ReservationsTable(requests)
  return {
    scope: payments.scope,
    name: options.table,
    add: (record, nowMs, kept) => payments.add(record, nowMs, kept),
    read: (key, nowMs) => payments.read(key, nowMs),
    replace: (seen, next, kept) => payments.replace(seen, next, kept),
    remove: (seen) => payments.remove(seen),
    readAnswer: (key, nowMs) => payments.readAnswer(key, nowMs),
    heldAlone: (key) => payments.heldAlone(key),
    readPayment: (key) => payments.readPayment(key),
    retire: (seen) => payments.retire(seen),
    due: (nowMs) => index.due(nowMs),
    waiting: () => index.waiting(),
    inFlight: (account, nowMs) => balances.inFlight(account, nowMs),
    reserve: (account, mine, options) => balances.reserve(account, mine, options),
    endReservation: (account, name) => balances.endReservation(account, name),
    put: (key, value, ttlSeconds) => handoff.put(key, value, ttlSeconds),
    take: (key) => handoff.take(key),
  }
}

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html */
const TABLE = /^(arn:aws[a-z-]{0,20}:dynamodb:[a-z\d-]{1,30}:\d{12}:table\/)?[\w.-]{3,255}$/

function checkTable(table: unknown): string {
  const name = text('table', table)
  if (TABLE.test(name)) return name
  throw new OptionsError(
    'table',
    'expected the name or ARN of a DynamoDB table, 3 to 255 characters',
  )
}

function checkClient(client: unknown): DynamoDbClient | undefined {
  if (client === undefined) return undefined
  const { send } = (client ?? {}) as { send?: unknown }
  if (typeof send === 'function') return client as DynamoDbClient
  throw new OptionsError('client', 'expected a DynamoDBClient of @aws-sdk/client-dynamodb')
}
