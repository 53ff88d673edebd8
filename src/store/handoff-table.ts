import { randomUUID } from 'node:crypto'
import type { InterceptorStore } from '../seller/options/interceptor-options.js'
import { sha256 } from '../wire/hash.js'
import { SCHEMA, numberIn, numbers, requireKnown, texts, ttl } from './item.js'
import type { TableRequests } from './table-requests.js'

/** Keeps what an interceptor's phases share, in the same table. The interceptor encrypts it. */
export class HandoffTable implements InterceptorStore {
  readonly #requests: TableRequests
  readonly #now: () => number

  constructor(requests: TableRequests, now: () => number) {
    this.#requests = requests
    this.#now = now
  }

  async put(key: string, value: string, ttlSeconds: number): Promise<void> {
    const expiresAt = this.#now() + ttlSeconds * 1_000
    await this.#requests.put({
      Item: {
        ...texts({ pk: handoffKey(key), kind: 'handoff', value }),
        ...numbers({ schema: SCHEMA, expiresAt }),
        ...ttl(expiresAt),
      },
    })
  }

  /** Marks the value as taken instead of deleting it. If the reply is lost, the value can be asked for again. */
  async take(key: string): Promise<string | undefined> {
    const { isDone, item } = await this.#requests.update({
      Key: texts({ pk: handoffKey(key) }),
      UpdateExpression: 'SET takenBy = :me',
      ConditionExpression:
        'attribute_exists(pk) AND (attribute_not_exists(takenBy) OR takenBy = :me)',
      ExpressionAttributeValues: texts({ ':me': randomUUID() }),
      ReturnValues: 'ALL_NEW',
    })
    if (!isDone || item === undefined) return undefined
    requireKnown(item)
    return numberIn(item, 'expiresAt') > this.#now() ? item['value']?.S : undefined
  }
}

function handoffKey(key: string): string {
  return `handoff#${sha256(key)}`
}
