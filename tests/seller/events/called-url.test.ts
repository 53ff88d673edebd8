import { expect, test } from '@jest/globals'
import { requiresPayment } from '../../../src/index.js'
import { decodeHeader } from '../../../src/wire/x402.js'
import { inCents } from '../money/support/money.js'
import { stack } from '../../support/seller.js'

type Fields = Record<string, unknown>

/** What the seller of plain requests says is sold, to buyers of version 2 and of version 1. */
async function resourceOf(event: Fields, more: { endpoint?: string } = {}) {
  const handler = requiresPayment(() => ({ statusCode: 200, body: 'gold' }), {
    ...inCents(await stack()),
    httpEvents: 'http',
    ...more,
  })
  const output = (await handler(event)) as unknown as {
    statusCode: number
    headers?: Record<string, string>
    multiValueHeaders?: Record<string, string[]>
    body: string
  }
  expect(output.statusCode).toBe(402)
  const { 'payment-required': header = output.multiValueHeaders?.['payment-required']?.[0] } =
    output.headers ?? {}
  const two = decodeHeader(header ?? '') as { resource: { url: string } }
  const one = JSON.parse(output.body) as { accepts: { resource: string }[] }
  expect(one.accepts.map(({ resource }) => resource)).toEqual([two.resource.url])
  expect(output.body).not.toContain('null')
  return two.resource.url
}

/** Payload 2.0: of a Function URL and an HTTP API. */
const payload2 = (domainName: string, rawPath: string, more: Fields = {}): Fields => ({
  version: '2.0',
  rawPath,
  rawQueryString: 'key=secret',
  headers: { host: 'attacker.example', 'x-forwarded-proto': 'http' },
  requestContext: { domainName, http: { method: 'GET', path: rawPath }, stage: '$default' },
  isBase64Encoded: false,
  ...more,
})

/** Payload 1.0: of a REST API. */
const payload1 = (requestContext: Fields, path: string, headers: Fields = {}): Fields => ({
  httpMethod: 'GET',
  path,
  headers,
  multiValueHeaders: Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value]]),
  ),
  queryStringParameters: { key: 'secret' },
  requestContext: { httpMethod: 'GET', stage: 'prod', ...requestContext },
  body: null,
  isBase64Encoded: false,
})

const balancer = (headers: Fields, isMulti = false): Fields => ({
  requestContext: { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:tg' } },
  httpMethod: 'GET',
  path: '/gold',
  queryStringParameters: { key: 'secret' },
  ...(isMulti ? { multiValueHeaders: headers } : { headers }),
  body: '',
  isBase64Encoded: false,
})

const URL_HOST = 'abc123.lambda-url.us-east-1.on.aws'
const API_HOST = 'a1b2c3.execute-api.us-east-1.amazonaws.com'

test.each<[string, Fields, string]>([
  ['a Function URL', payload2(URL_HOST, '/gold'), `https://${URL_HOST}/gold`],
  ['a Function URL, its root', payload2(URL_HOST, '/'), `https://${URL_HOST}/`],
  ['an HTTP API with a stage', payload2(API_HOST, '/prod/gold'), `https://${API_HOST}/prod/gold`],
  [
    'a domain of one’s own',
    payload2('Tools.Example.com', '/gold'),
    'https://tools.example.com/gold',
  ],
  [
    'a REST API, with its stage',
    payload1({ domainName: API_HOST, path: '/prod/gold' }, '/gold'),
    `https://${API_HOST}/prod/gold`,
  ],
  [
    'a REST API behind a domain of one’s own, with its base path',
    payload1({ domainName: 'tools.example.com', path: '/shop/gold' }, '/gold'),
    'https://tools.example.com/shop/gold',
  ],
  [
    'a REST API whose event does not name the domain',
    payload1({ path: '/prod/gold' }, '/gold', { Host: API_HOST }),
    `https://${API_HOST}/prod/gold`,
  ],
  [
    'a load balancer that ends TLS',
    balancer({ host: 'tools.example.com', 'x-forwarded-proto': 'https' }),
    'https://tools.example.com/gold',
  ],
  [
    'a load balancer on a port of its own, with lists of values',
    balancer({ host: ['tools.example.com:8080'], 'x-forwarded-proto': ['http'] }, true),
    'http://tools.example.com:8080/gold',
  ],
  [
    'an emulator on this machine',
    payload2('localhost', '/gold', { headers: { Host: '127.0.0.1:3000' } }),
    'http://127.0.0.1:3000/gold',
  ],
  [
    'a path that was decoded',
    payload2(API_HOST, '/café au lait'),
    `https://${API_HOST}/caf%C3%A9%20au%20lait`,
  ],
  ['a path that is escaped', payload2(URL_HOST, '/caf%C3%A9'), `https://${URL_HOST}/caf%C3%A9`],
])('of %s, what is sold is named by its absolute URL, without the query', async (_, event, url) => {
  expect(await resourceOf(event)).toBe(url)
  expect(new URL(url).href).toBe(url)
})

test.each<[string, Fields]>([
  ['is missing', balancer({})],
  ['came twice', balancer({ host: ['a.example', 'b.example'] }, true)],
  ['has a path', balancer({ host: 'a.example/b' })],
  ['has a user name', balancer({ host: 'user@a.example' })],
  ['is a script', balancer({ host: '<script>' })],
])('behind a load balancer, a request whose host %s is named by its path', async (_, event) => {
  expect(await resourceOf(event)).toBe('/gold')
})

test('`endpoint` names what is sold, whatever host was called', async () => {
  const endpoint = 'https://shop.example.com/gold'
  const event = payload2(URL_HOST, '/gold')
  expect(await resourceOf(event, { endpoint })).toBe(endpoint)
})
