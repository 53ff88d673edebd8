import { rm } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll } from '@jest/globals'
import type { Local } from '../../../src/local/index.js'
import { type Running, running } from '../../store/support/running.js'
import { SECRET, createTable } from '../../store/support/table.js'
import { stack } from '../../support/seller.js'
import { bundled } from './deployed.js'
import {
  KEY_ARN,
  PAYMENTS_ARN,
  type SecretsManager,
  startSecretsManager,
} from './secrets-manager.js'

/** What the deployed functions find around them. */
export interface DeployedStack {
  local: Local
  store: Running
  table: string
  /** The file of a bundled function. */
  fileOf: (bundle: string) => string
  /** The environment that the templates give a function, and where AWS is. */
  environment: () => Record<string, string>
}

/** Bundles the functions, and starts what they call, for the tests of this `describe`. */
export function deployedStack(): DeployedStack {
  const store = running()
  const now = { store } as DeployedStack
  let folder: string
  let secrets: SecretsManager
  beforeAll(async () => {
    folder = await bundled()
    now.local = await stack()
    now.table = await createTable(store.client)
    secrets = await startSecretsManager({
      [KEY_ARN]: now.local.nvmApiKey,
      [PAYMENTS_ARN]: `${SECRET}\nthe secret that was used before this one`,
    })
    now.fileOf = (bundle) => path.join(folder, 'lambda', bundle, 'index.mjs')
    now.environment = () => ({
      NVM_API_KEY_SECRET_ARN: KEY_ARN,
      NVM_PLAN_ID: now.local.planId,
      NVM_BACKEND_URL: now.local.url,
      PAYMENTS_TABLE: now.table,
      PAYMENTS_SECRET_ARN: PAYMENTS_ARN,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: store.engine.endpoint,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    })
  }, 60_000)
  afterAll(async () => {
    await rm(folder, { recursive: true })
    await secrets.close()
  })
  return now
}
