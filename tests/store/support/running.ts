import { afterAll, beforeAll } from '@jest/globals'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type Engine, type Program, startEngine } from './engine.js'
import { type Seller, Sellers } from './sellers.js'
import { clientOf } from './table.js'

/** What runs during the tests of a `describe`. */
export interface Running {
  engine: Engine
  client: DynamoDBClient
}

/** Runs an engine, and a client of it, for the tests of this `describe`. */
export function running(program?: Program): Running {
  const now = {} as Running
  beforeAll(async () => {
    now.engine = await startEngine(program)
    now.client = clientOf(now.engine.endpoint)
  }, 30_000)
  afterAll(() => now.engine.stop())
  return now
}

/** Starts containers beside the engine. The survivor is never stopped. */
export function runningSellers(): { sellers: Sellers; survivor: Seller } {
  const now = {} as { sellers: Sellers; survivor: Seller }
  beforeAll(async () => {
    now.sellers = await Sellers.open()
    now.survivor = await now.sellers.next()
  }, 30_000)
  afterAll(() => now.sellers.close())
  return now
}
