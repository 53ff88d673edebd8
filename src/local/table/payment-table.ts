import { notLoaded } from '../../errors/not-loaded.js'
import { OptionsError, PaymentUnavailableError } from '../../errors/payment-error.js'
import type { InterceptorStore } from '../../seller/options/interceptor-options.js'
import type { WorkerStore } from '../../seller/options/worker-store.js'
import { dynamoDbStore } from '../../store/dynamodb-store.js'
import { createPaymentTable } from '../../store/operator/create-table.js'
import { OperatorTable, ofThisMachine } from '../../store/operator/operator-table.js'
import { isLoopback } from '../../wire/loopback.js'
import { startTableEngine, type TableEngine } from './table-engine.js'

/** The table of payments of the local stack. */
export interface LocalTable {
  /** Its name. */
  name: string
  /** The region that requests name. */
  region: string
  /** The address of the server that has it. AWS's SDKs take it as their endpoint for DynamoDB. */
  endpoint: string
  /** The secret that its payments are encrypted with. */
  secret: string
}

/** An open table. */
export interface OpenTable extends LocalTable {
  store: WorkerStore & InterceptorStore
  close: () => Promise<void>
}

/** How the table is to be opened. */
export interface TableChoice {
  /** `true` for a server that is started, or the URL of one that runs. */
  table: boolean | string
  secret: string
  /** Keeps the table of a server that is started. */
  file: string | undefined
}

const NAME = 'agentcore-x402'
const REGION = 'us-west-2'

/**
 * Opens the table, and creates it if it is not there.
 *
 * @throws OptionsError if no server starts, the URL is none of this machine, or the SDK is not installed.
 */
export async function openTable({ table, secret, file }: TableChoice): Promise<OpenTable> {
  const engine = await engineOf(table, file)
  const { endpoint } = engine
  try {
    const { DynamoDBClient } = await loadSdk()
    await createTable(endpoint)
    // Some servers keep the tables of each region and key apart, so these are the same as at its creation.
    const client = new DynamoDBClient({ endpoint, region: REGION, ...ofThisMachine(REGION) })
    return {
      ...{ name: NAME, region: REGION, endpoint, secret },
      store: dynamoDbStore({ table: NAME, secret, client }),
      async close() {
        client.destroy()
        await engine.close()
      },
    }
  } catch (error) {
    await engine.close()
    throw error
  }
}

async function engineOf(table: unknown, file: string | undefined): Promise<TableEngine> {
  if (typeof table === 'string') {
    return { endpoint: checkUrl(table), close: () => Promise.resolve() }
  }
  if (table !== true) throw new OptionsError('table', 'expected true, false or a URL')
  const engine = await startTableEngine(file)
  if (engine !== undefined) return engine
  const install = `npm install @dynoxide/${process.platform}-${process.arch}`
  throw new OptionsError(
    'table',
    `no server of DynamoDB's API starts here: ${install}, or put dynoxide on the PATH, or give the URL of such a server on this machine`,
  )
}

/** A real table would be created and written to, so the server must be one of this machine. */
function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && isLoopback(url.hostname)) {
    return url.origin
  }
  throw new OptionsError(
    'table',
    'expected the URL of a server on this machine, e.g. http://127.0.0.1:8000',
  )
}

async function createTable(endpoint: string): Promise<void> {
  const table = await OperatorTable.open({ table: NAME, region: REGION, endpoint })
  try {
    await createPaymentTable(table, {}, () => undefined)
  } catch (error) {
    if (!(error instanceof PaymentUnavailableError)) throw error
    throw new OptionsError('table', `the table cannot be used at ${endpoint}: ${error.message}`)
  } finally {
    table.close()
  }
}

async function loadSdk(): Promise<typeof import('@aws-sdk/client-dynamodb')> {
  try {
    return await import('@aws-sdk/client-dynamodb')
  } catch (cause) {
    throw new OptionsError('table', notLoaded('@aws-sdk/client-dynamodb', cause))
  }
}
