import { readFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { inspect } from 'node:util'
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore'
import { expect, test } from '@jest/globals'
import { AwsError, PaymentManager } from '../../../src/agentcore/index.js'
import { answering } from '../support/answering.js'
import { OPERATE } from '../support/manager-operations.js'
import { failure, instead, rejecting, runAlone, setup } from '../support/payment-manager.js'

test.each<[string, number, RequestListener, string]>([
  ['a page of a proxy', 403, (_, response) => response.writeHead(403).end('<html>'), 'http_403'],
  ['an error without a name', 404, (_, response) => response.writeHead(404).end('{}'), 'http_404'],
  [
    'an error whose name is none',
    400,
    (_, response) => response.writeHead(400, { 'x-amzn-errortype': 'a b' }).end('{}'),
    'http_400',
  ],
  [
    'a redirect',
    302,
    (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    'http_302',
  ],
  ['half an answer', 200, (_, response) => response.end('{"pay'), 'unreadable_answer'],
  ['nothing', 200, (_, response) => response.end(), 'unreadable_answer'],
  ['a list', 200, (_, response) => response.end('[]'), 'unreadable_answer'],
  [
    'a time that is a number',
    200,
    (_, response) => response.end('{"paymentSession":{"createdAt":1}}'),
    'unreadable_answer',
  ],
])('%s in place of an answer is reported', async (_, httpStatus, listener, code) => {
  const manager = await instead(listener)
  const error = await failure(OPERATE.GetPaymentSession(manager))
  expect(error).toMatchObject({ name: 'PaymentError', code })
  if (httpStatus !== 200) expect(error).toMatchObject({ cause: { httpStatus } })
  expect(inspect(error)).not.toMatch(/html|is not valid JSON|\$response/)
})

test.each<[string, RequestListener]>([
  ['before an answer', (request) => request.socket.destroy()],
  [
    'within an answer',
    (request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"pay')
      setImmediate(() => request.socket.destroy())
    },
  ],
])('a connection that breaks %s is a network error', async (_, listener) => {
  const manager = await instead(listener)
  const error = await failure(OPERATE.GetPaymentSession(manager))
  expect(error).toMatchObject({ name: 'PaymentError', code: 'network_error' })
  expect(String(error)).toContain('GetPaymentSession: no answer')
})

test('what became of a connection is said by its code', async () => {
  const { url } = await answering((request) => request.socket.destroy())
  const source = `
    import { PaymentManager } from 'agentcore'
    for (const endpoint of [process.env.URL, 'http://127.0.0.1:1']) {
      const manager = new PaymentManager({
        paymentManagerArn: process.env.ARN, userId: 'alice', endpoint, maxAttempts: 1,
        credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      })
      await manager.listPaymentSessions().catch(({ name, code, message, cause }) =>
        console.log(JSON.stringify([name, code, message, cause.code, cause.attempts])))
    }
  `
  const env = { URL: url, ARN: (await setup()).buyer.paymentManagerArn }
  const { stdout } = await runAlone(source, env)
  const message = (code: string) => `ListPaymentSessions: no answer (${code})`
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    ['PaymentError', 'network_error', message('ECONNRESET'), 'ECONNRESET', 1],
    ['PaymentError', 'network_error', message('ECONNREFUSED'), 'ECONNREFUSED', 1],
  ])
})

test('an answer that takes longer than the client allows is a timeout', async () => {
  const { url } = await answering(() => undefined)
  const client = new BedrockAgentCoreClient({
    region: 'us-west-2',
    endpoint: url,
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
    requestHandler: { requestTimeout: 20, throwOnRequestTimeout: true },
  })
  const { paymentManagerArn } = (await setup()).buyer
  const manager = new PaymentManager({ paymentManagerArn, client })
  expect(await failure(OPERATE.GetPaymentSession(manager))).toMatchObject({ code: 'timeout' })
  client.destroy()
})

test('credentials that cannot be had are an error of ours', async () => {
  const { managerWith, calls } = await setup()
  const refused = Object.assign(new Error('the role is not yours'), {
    name: 'CredentialsProviderError',
  })
  const manager = managerWith({ credentials: () => Promise.reject(refused) })
  const error = await failure(OPERATE.GetPaymentSession(manager))
  expect(error).toBeInstanceOf(AwsError)
  expect(error).toMatchObject({
    code: 'aws.CredentialsProviderError',
    message: 'GetPaymentSession: CredentialsProviderError: the role is not yours',
  })
  expect(calls()).toEqual([])
})

test('credentials that cannot be read from a file are not a broken connection', async () => {
  const { managerWith } = await setup()
  const credentials = async () => JSON.parse(await readFile('no-such-file', 'utf8')) as never
  const error = await failure(OPERATE.GetPaymentSession(managerWith({ credentials })))
  expect(error).toBeInstanceOf(AwsError)
  expect(error).toMatchObject({ cause: { code: 'ENOENT' } })
  expect(String(error)).toContain('no such file')
})

test('credentials fail in whatever way', async () => {
  const { managerWith } = await setup()
  const manager = managerWith({ credentials: rejecting('no') })
  expect(await failure(OPERATE.GetPaymentSession(manager))).toBeInstanceOf(AwsError)
})
