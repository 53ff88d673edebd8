import { rm } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import { handler as stub } from '../../examples/deploy/lambda/stub-target.js'
import { handler as tool } from '../../examples/deploy/lambda/tool.js'
import type { InterceptorOutput } from '../../src/index.js'
import { localContext, type Local } from '../../src/local/index.js'
import { run } from '../support/built.js'
import { without } from './support/cloudformation.js'
import { bundled, withoutCoverage } from './support/deployed.js'
import { challengeOf, receiptOf, stack, textOf } from '../support/seller.js'

const SECRET_ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:nvm-api-key-AbCdEf'

let folder: string
let local: Local
let secrets: http.Server

beforeAll(async () => {
  folder = await bundled()
  local = await stack()
  secrets = http.createServer((request, response) => void answerSecret(request, response))
  await new Promise<void>((done) => secrets.listen(0, '127.0.0.1', done))
}, 60_000)
afterAll(async () => {
  await rm(folder, { recursive: true })
  await new Promise((done) => secrets.close(done))
})

/** Answers as AWS Secrets Manager does, with the local stack's key. */
async function answerSecret(request: http.IncomingMessage, response: http.ServerResponse) {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  const known =
    request.headers['x-amz-target'] === 'secretsmanager.GetSecretValue' &&
    (JSON.parse(body) as { SecretId: string }).SecretId === SECRET_ARN
  response.writeHead(known ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' })
  response.end(
    JSON.stringify(
      known
        ? { ARN: SECRET_ARN, SecretString: `${local.nvmApiKey}\n` }
        : { __type: 'ResourceNotFoundException', message: 'no such secret' },
    ),
  )
}

/** Calls the handler of a bundle, in a process with the environment the templates give it. */
async function play<TOutputs extends InterceptorOutput[]>(
  bundle: string,
  events: unknown[],
  secretArn = SECRET_ARN,
): Promise<TOutputs> {
  const { port } = secrets.address() as AddressInfo
  const script = `
    const { handler } = await import(${JSON.stringify(path.join(folder, 'lambda', bundle, 'index.mjs'))})
    const outputs = []
    for (const event of ${JSON.stringify(events)}) {
      outputs.push(await handler(event, { getRemainingTimeInMillis: () => 40_000 }))
    }
    console.log(JSON.stringify(outputs))`
  const env = {
    ...without(withoutCoverage, ['NVM_API_KEY']),
    NVM_API_KEY_SECRET_ARN: secretArn,
    NVM_PLAN_ID: local.planId,
    NVM_BACKEND_URL: local.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${port}`,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  }
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { env })
  return JSON.parse(stdout) as TOutputs
}

test('the decorator as deployed refuses, and sells', async () => {
  const before = local.balance()
  const [unpaid, paid] = await play<[InterceptorOutput, InterceptorOutput]>('paid-tool', [
    local.paidEvent('weather___forecast', { city: 'Oslo' }, null),
    local.paidEvent('weather___forecast', { city: 'Oslo' }),
  ])
  expect(challengeOf(unpaid)?.accepts).toMatchObject([{ planId: local.planId }])
  expect(textOf(paid)).toBe('Sunny in Oslo')
  expect(receiptOf(paid)).toMatchObject({ success: true })
  expect(before - local.balance()).toBe(1n)
}, 30_000)

type Three = [InterceptorOutput, InterceptorOutput, InterceptorOutput]

beforeEach(() => void jest.spyOn(console, 'info').mockImplementation(() => undefined))
afterEach(() => void jest.restoreAllMocks())

test('the interceptor pair as deployed refuses, forwards without the payment, and settles', async () => {
  const before = local.balance()
  const request = local.paidEvent('weather___forecast', { city: 'Oslo' })
  const text = JSON.stringify(await tool({ city: 'Oslo' }, localContext()))
  const body = {
    jsonrpc: '2.0',
    id: 1,
    result: { isError: false, content: [{ type: 'text', text }] },
  }
  const gatewayResponse = { statusCode: 200, headers: {}, body }
  const mcp = { ...(request.mcp as object), gatewayResponse }

  const [unpaid, forwarded, delivered] = await play<Three>('interceptor', [
    local.paidEvent('weather___forecast', { city: 'Oslo' }, null),
    request,
    { ...request, mcp },
  ])
  expect(challengeOf(unpaid)?.accepts).toMatchObject([{ planId: local.planId }])
  expect(forwarded.mcp.transformedGatewayRequest?.body).toMatchObject({
    params: { name: 'weather___forecast', arguments: { city: 'Oslo' } },
  })
  expect(forwarded.mcp).not.toHaveProperty('transformedGatewayResponse')
  expect(textOf(delivered)).toBe('{"forecast":"Sunny in Oslo"}')
  expect(receiptOf(delivered)).toMatchObject({ success: true })
  expect(before - local.balance()).toBe(1n)
}, 30_000)

test('a Lambda that cannot read its API key does not start, and says which secret', async () => {
  const another = SECRET_ARN.replace('nvm', 'another')
  await expect(play('paid-tool', [], another)).rejects.toThrow('ResourceNotFoundException')
}, 30_000)

test('the stub target refuses whatever calls it', async () => {
  await expect(stub()).rejects.toThrow('is it attached to the Gateway?')
})

test('the target tells calls apart by the correlation id on its allow-list', async () => {
  const custom = {
    bedrockAgentCoreToolName: 'weather___forecast',
    bedrockAgentCorePropagatedHeaders: { 'x-correlation-id': 'c-1' },
  }
  const context = { ...localContext(), clientContext: { custom } } as unknown as Context
  expect(await tool({ city: 'Oslo' }, context)).toEqual({ forecast: 'Sunny in Oslo' })
  expect(console.info).toHaveBeenCalledWith({ tool: 'weather___forecast', correlationId: 'c-1' })
})
