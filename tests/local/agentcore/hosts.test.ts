import { expect, test } from '@jest/globals'
import { stack } from '../../support/seller.js'
import { namedCall } from './support/named-call.js'
import { buyer, type Buyer } from './support/payments-service.js'

const DATA = 'bedrock-agentcore.us-west-2.amazonaws.com'
const CONTROL = 'bedrock-agentcore-control.us-west-2.amazonaws.com'
const USER = { 'x-amzn-bedrock-agentcore-payments-user-id': 'user-1' }
const LIST = '/payments/listPaymentSessions'

async function statusFor(
  { service, base }: Buyer,
  headers: Record<string, string>,
): Promise<unknown> {
  return (await namedCall(service.port, LIST, { ...USER, ...headers }, base)).status
}

test.each([
  DATA,
  CONTROL,
  'BEDROCK-AGENTCORE.us-west-2.amazonaws.com',
  'bedrock-agentcore.ap-southeast-2.amazonaws.com:3001',
  'bedrock-agentcore.us-gov-west-1.amazonaws.com',
  'bedrock-agentcore-control.cn-north-1.amazonaws.com.cn',
  'bedrock-agentcore.eu-central-1.api.aws',
  'bedrock-agentcore-fips.us-east-1.amazonaws.com',
])('the service answers to %s, as AWS names it', async (host) => {
  expect(await statusFor(await buyer(), { host })).toBe(200)
})

test.each([
  'evil.example',
  'amazonaws.com',
  's3.us-west-2.amazonaws.com',
  'evil.us-west-2.elb.amazonaws.com',
  'abcdefghij.execute-api.us-west-2.amazonaws.com',
  'bedrock-agentcore.amazonaws.com',
  'x.bedrock-agentcore.us-west-2.amazonaws.com',
  'bedrock-agentcore.us-west-2.amazonaws.com.evil.example',
  'bedrock-agentcore.us-west-2.amazonaws.com.',
  'bedrock-agentcore.evil.amazonaws.com',
  'bedrock-agentcore-evil.us-west-2.amazonaws.com',
  'bedrock-agentcore.us-west-2.example.com',
  'evil.example@bedrock-agentcore.us-west-2.amazonaws.com.evil',
])('the service does not answer to %s', async (host) => {
  expect(await statusFor(await buyer(), { host })).toBe(403)
})

test.each([
  'https://evil.example',
  `https://${DATA}`,
  `http://${DATA}`,
  'https://us-west-2.console.aws.amazon.com',
  'null',
])('no page of %s may call it, whatever the Host', async (origin) => {
  const someone = await buyer()
  expect(await statusFor(someone, { host: DATA, origin })).toBe(403)
  expect(await statusFor(someone, { origin })).toBe(403)
})

test("people's pages, the facilitator and the Gateway do not answer to AWS's names", async () => {
  const { service } = await buyer()
  const page = await namedCall(service.port, '/wallets/consent/x', { host: DATA })
  expect(page.status).toBe(403)
  const local = await stack()
  const statuses = ['/facilitator/verify', '/mcp'].map(
    async (path) => (await namedCall(local.port, path, { host: DATA }, {})).status,
  )
  expect(await Promise.all(statuses)).toEqual([403, 403])
})
