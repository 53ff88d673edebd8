import { dynamoDbStore } from 'agentcore-x402/dynamodb'
import { readSecret } from './secret.js'

/**
 * The table in which every function of this example remembers payments. Its secret has one value a line. The
 * first one encrypts, and all of them decrypt. So a new value is put before the old one.
 */
export async function readPaymentStore() {
  const { PAYMENTS_TABLE: table } = process.env
  if (!table) throw new Error('PAYMENTS_TABLE is not set')
  const secrets = await readSecret('PAYMENTS_SECRET_ARN')
  return dynamoDbStore({ table, secret: secrets.split(/\s*\n\s*/) })
}
