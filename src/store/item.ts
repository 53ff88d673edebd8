import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { PaymentUnavailableError } from '../errors/payment-error.js'
import { TTL_ATTRIBUTE } from './table.js'

/** An item as DynamoDB has it. */
export type Item = Record<string, AttributeValue>

/** The version of the form of every item. A container changes nothing that a later version wrote. */
export const SCHEMA = 1

/** @throws PaymentUnavailableError if a later version of this package wrote the item. */
export function requireKnown(item: Item): void {
  const schema = numberIn(item, 'schema')
  if (schema <= SCHEMA) return
  throw new PaymentUnavailableError(
    'store_unavailable',
    `the table holds an item of a later version of agentcore-x402 (schema ${schema}, this version knows ` +
      `${SCHEMA}): update this function`,
  )
}

export function numberIn(item: Item, name: string): number {
  return Number(item[name]?.N ?? 0)
}

/** @returns an attribute for each value that is there. */
export function texts(values: Readonly<Record<string, string | undefined>>): Item {
  const found = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(found.map(([name, value = '']) => [name, { S: value }]))
}

export function numbers(values: Readonly<Record<string, number>>): Item {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { N: String(value) }]),
  )
}

/** When DynamoDB may delete an item. DynamoDB deletes late, so every read compares the time. */
export function ttl(ms: number): Item {
  return numbers({ [TTL_ATTRIBUTE]: Math.ceil(ms / 1_000) })
}
