import type { ServerResponse } from 'node:http'
import { expect, test } from '@jest/globals'
import { PAYMENTS, ask, mirror, server } from './support/http.js'

const redirect = (response: ServerResponse, status: number, location: string) =>
  response.writeHead(status, { location }).end()

test('redirects are followed, five at most', async () => {
  const { url, asked } = await server(({ url: path = '' }, response) => {
    const left = Number(path.slice(1))
    if (left === 0) return response.end('"there"')
    redirect(response, 302, `/${left - 1}`)
  })
  expect((await ask({ url: `${url}/5` })).answer).toMatchObject({ statusCode: 200, body: 'there' })
  expect(asked()).toBe(6)
  const stuck = await ask({ url: `${url}/9` })
  expect(stuck.answer).toMatchObject({ statusCode: 302, headers: { location: '/3' } })
  expect(asked()).toBe(12)
})

test.each([
  [301, 'POST', 'GET'],
  [302, 'POST', 'GET'],
  [303, 'PUT', 'GET'],
  [303, 'HEAD', 'HEAD'],
  [307, 'POST', 'POST'],
  [308, 'PUT', 'PUT'],
])('after status %d, %s becomes %s', async (status, method, then) => {
  const { url, requests } = await server((request, response) => {
    if (request.url === '/') return redirect(response, status, '/next')
    response.end('{}')
  })
  await ask({ url, method, ...(method !== 'HEAD' && { body: { a: 1 } }) })
  expect(requests.map((one) => one.method)).toEqual([method, then])
  expect(requests[1]?.headers['content-type']).toBe(
    then === method ? requests[0]?.headers['content-type'] : undefined,
  )
})

test('credentials of the caller stay with the server they are for', async () => {
  const other = await mirror()
  const { url } = await server((_, response) => redirect(response, 302, other.url))
  const headers = { authorization: 'Bearer secret', cookie: 'a=b', 'x-api-key': 'c', accept: 'd/e' }
  await ask({ url, headers })
  expect(other.last()?.headers).toMatchObject({ accept: 'd/e' })
  for (const name of ['authorization', 'cookie', 'x-api-key']) {
    expect(other.last()?.headers).not.toHaveProperty(name)
  }
})

test.each(PAYMENTS)('a payment in %s does not follow a redirect elsewhere', async (name, value) => {
  const other = await mirror()
  const { url } = await server((_, response) => redirect(response, 302, `${other.url}/x`))
  const { answer } = await ask({ url, headers: { [name]: value } })
  expect(answer).toMatchObject({ statusCode: 302, headers: { location: `${other.url}/x` } })
  expect(other.asked()).toBe(0)
})

test('a payment follows a redirect of GET on the same origin, and none of POST', async () => {
  const { url, requests } = await server((request, response) => {
    if (request.url === '/') return redirect(response, 307, '/next')
    response.end('{}')
  })
  const headers = { 'PAYMENT-SIGNATURE': 'abc' }
  expect((await ask({ url, headers })).answer.statusCode).toBe(200)
  expect(requests[1]?.headers['payment-signature']).toBe('abc')
  expect((await ask({ url, headers, method: 'POST' })).answer.statusCode).toBe(307)
  expect(requests).toHaveLength(3)
})

test('what asks for money behind a redirect elsewhere has to be asked itself', async () => {
  const shop = await server((_, response) => response.writeHead(402).end('{}'))
  const { url } = await server((_, response) => redirect(response, 302, `${shop.url}/goods`))
  const { isMarked, answer } = await ask({ url })
  expect(isMarked).toBe(false)
  expect(answer).toMatchObject({ statusCode: 302, headers: { location: `${shop.url}/goods` } })
  expect(answer.body).toMatchObject({ text: expect.stringContaining('itself to pay') })
  expect((await ask({ url: `${shop.url}/goods` })).isMarked).toBe(true)
})

test('the same holds behind a redirect of POST, and not behind one of GET', async () => {
  const { url } = await server((request, response) => {
    if (request.url === '/') return redirect(response, 307, '/goods')
    response.writeHead(402).end('{}')
  })
  expect((await ask({ url, method: 'POST' })).answer.statusCode).toBe(307)
  expect(await ask({ url })).toMatchObject({ isMarked: true, answer: { statusCode: 402 } })
})

test.each(['ftp://x.example/', 'javascript:alert(1)', 'http://user:pw@x.example/', 'http://', ''])(
  'a redirect to %j is not followed',
  async (location) => {
    const { url, asked } = await server((_, response) => redirect(response, 302, location))
    const { answer } = await ask({ url })
    expect(answer.statusCode).toBe(302)
    expect(asked()).toBeLessThan(7)
  },
)
