import type { Waiting } from '../seller/options/worker-store.js'
import { numbers } from './item.js'
import { DUE_INDEX, DUE_SHARDS, SHARDS } from './table.js'
import type { TableRequests } from './table-requests.js'

/** This many keys are read at once. */
const PAGE = 100

/** Reads the index of records that wait for the worker, or for a person. */
export class DueIndex {
  readonly #requests: TableRequests

  constructor(requests: TableRequests) {
    this.#requests = requests
  }

  /** Keys that are due, the longest due first within a shard. Each call begins with another shard. */
  async *due(nowMs: number): AsyncIterable<string> {
    const first = Math.floor(Math.random() * DUE_SHARDS)
    for (let turn = 0; turn < DUE_SHARDS; turn++) {
      const shard = SHARDS.due + ((first + turn) % DUE_SHARDS)
      const condition = {
        KeyConditionExpression: '#shard = :shard AND dueAt <= :now',
        ExpressionAttributeValues: numbers({ ':shard': shard, ':now': nowMs }),
      }
      for await (const { Items = [] } of this.#pages({ ...condition, Limit: PAGE })) {
        for (const { pk } of Items) if (pk?.S !== undefined) yield pk.S
      }
    }
  }

  async waiting(): Promise<Waiting> {
    const [refundsDue, dead] = await Promise.all([
      this.#count(SHARDS.refundsDue),
      this.#count(SHARDS.dead),
    ])
    return { refundsDue, dead }
  }

  async #count(from: number): Promise<number> {
    const shards = Array.from({ length: DUE_SHARDS }, (_, index) => from + index)
    const counts = await Promise.all(shards.map((shard) => this.#countShard(shard)))
    return counts.reduce((sum, count) => sum + count, 0)
  }

  async #countShard(shard: number): Promise<number> {
    let sum = 0
    const condition = {
      KeyConditionExpression: '#shard = :shard',
      ExpressionAttributeValues: numbers({ ':shard': shard }),
    }
    for await (const { Count = 0 } of this.#pages({ ...condition, Select: 'COUNT' })) sum += Count
    return sum
  }

  async *#pages(query: Parameters<TableRequests['query']>[0]) {
    let ExclusiveStartKey: Awaited<ReturnType<TableRequests['query']>>['LastEvaluatedKey']
    do {
      const page = await this.#requests.query({
        IndexName: DUE_INDEX,
        ExpressionAttributeNames: { '#shard': 'shard' },
        ...query,
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      })
      yield page
      ExclusiveStartKey = page.LastEvaluatedKey
    } while (ExclusiveStartKey !== undefined)
  }
}
