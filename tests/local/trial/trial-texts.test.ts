import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { beforeEach, expect, test } from '@jest/globals'
import type { Local } from '../../../src/local/index.js'
import { stack } from '../../support/seller.js'

let local: Local
beforeEach(async () => void (local = await stack()))

async function get(path: string, headers: Record<string, string> = {}) {
  const request = http.get(`${local.url}${path}`, { headers })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return { status: response.statusCode, headers: response.headers, body: await text(response) }
}

test('a text is made anew for each request, and kept nowhere', async () => {
  let count = 0
  local.serveText('count', () => Promise.resolve(`${(count += 1)}`))
  expect([await get('/try/count'), await get('/try/count')]).toMatchObject([
    { status: 200, body: '1', headers: { 'cache-control': 'no-store' } },
    { status: 200, body: '2', headers: { 'content-type': 'text/plain; charset=utf-8' } },
  ])
})

test.each<[string, Record<string, string>]>([
  ['a name that points here', { host: 'rebound.example' }],
  ['a page of another origin', { origin: 'https://evil.example' }],
])('%s gets no text, and none is made', async (_, headers) => {
  let count = 0
  local.serveText('secret', () => `${(count += 1)}`)
  expect(await get('/try/secret', headers)).toMatchObject({
    status: 403,
    body: 'Host and Origin must be of this machine\n',
  })
  expect(count).toBe(0)
})

test('a name that no line fetches is not found', async () => {
  expect(await get('/try/nothing')).toMatchObject({ status: 404 })
})

test('a text that cannot be made fails that request alone', async () => {
  local.serveText('broken', () => Promise.reject(new Error('no wallet')))
  expect(await get('/try/broken')).toMatchObject({ status: 500, body: '' })
  expect(await get('/try/nothing')).toMatchObject({ status: 404 })
})
