import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect, test } from '@jest/globals'
import { decodeCredential } from '../../src/wire/mpp.js'
import { decodeHeader } from '../../src/wire/x402.js'
import { answering } from '../agentcore/support/answering.js'
import {
  ACCEPT_V1,
  EXTENSIONS,
  RESOURCE,
  base64,
  challengeV1,
  challengeV2,
  mpp,
} from '../agentcore/support/payment-header.js'
import { ACCEPT } from '../local/agentcore/support/payments-service.js'
import { answerTo, get, merchant, shopper } from './support/agent.js'

/** A merchant that takes payments in one header; what it got there is kept. */
async function takingIn(name: string, ask: (response: ServerResponse) => unknown) {
  const payments: string[] = []
  const { url, asked } = await answering((request: IncomingMessage, response) => {
    const payment = request.headers[name]
    if (typeof payment !== 'string') {
      response.statusCode = 402
      ask(response)
      return void response.end()
    }
    payments.push(payment)
    response.end('{"goods":42}')
  })
  return { url, asked, payments }
}

/** Has an agent buy at a URL. */
async function bought(url: string) {
  const one = await shopper()
  const { agent } = one.agentThat([{ tools: [get(url)] }])
  await agent.invoke('buy it')
  return { ...one, agent, answer: answerTo(agent) }
}

const proof = {
  signature: expect.stringMatching(/^0x[0-9a-f]+$/),
  authorization: expect.objectContaining({ to: ACCEPT.payTo, value: '10000' }),
}

test('a challenge of x402 v1 in the body is paid in X-PAYMENT', async () => {
  const { url, payments } = await takingIn('x-payment', (response) =>
    response.write(JSON.stringify(challengeV1())),
  )
  const { answer, spent } = await bought(url)
  expect(answer.text).toContain('"goods":42')
  const { scheme, network } = ACCEPT_V1
  expect(payments.map(decodeHeader)).toEqual([{ x402Version: 1, scheme, network, payload: proof }])
  expect(spent()).toEqual(['0.01'])
})

test('a challenge of x402 v2 in a header is paid in PAYMENT-SIGNATURE', async () => {
  const { url, payments } = await takingIn('payment-signature', (response) =>
    response.setHeader('Payment-Required', base64(challengeV2())),
  )
  const { answer } = await bought(url)
  expect(answer.text).toContain('"goods":42')
  expect(payments.map(decodeHeader)).toEqual([
    {
      x402Version: 2,
      resource: RESOURCE,
      accepted: ACCEPT,
      extensions: EXTENSIONS,
      payload: proof,
    },
  ])
})

test('a challenge of MPP is paid in Authorization', async () => {
  const { url, payments } = await takingIn('authorization', (response) =>
    response.setHeader('www-authenticate', ['Basic realm="x"', mpp()]),
  )
  const { answer, calls } = await bought(url)
  expect(answer.text).toContain('"goods":42')
  expect(payments).toHaveLength(1)
  expect(decodeCredential(payments[0] ?? '')).toMatchObject({ challenge: { id: 'mpp-1' } })
  expect(calls('ProcessPayment')[0]?.body).toMatchObject({
    paymentType: 'MPP',
    paymentInput: { mpp: { version: '1', wwwAuthenticateHeaders: [mpp()] } },
  })
})

test('a payment does not go where its answer is redirected to', async () => {
  const thief = await merchant()
  const shop = await merchant((_, response) =>
    response.writeHead(307, { location: thief.url }).end(),
  )
  const { agent, answer } = await bought(shop.url)
  expect(shop.payments).toHaveLength(1)
  expect(thief.asked()).toBe(0)
  expect(JSON.parse(answer.text)).toMatchObject({ statusCode: 307 })
  expect(JSON.stringify(agent.messages)).not.toContain(shop.payments[0])
})

test('nothing is paid to a shop behind a redirect, until it is asked itself', async () => {
  const shop = await merchant()
  const { url } = await answering((_, response) =>
    response.writeHead(302, { location: shop.url }).end(),
  )
  const { answer, tokens } = await bought(url)
  expect(JSON.parse(answer.text)).toMatchObject({
    statusCode: 302,
    headers: { location: `${shop.url}/` },
  })
  expect(tokens()).toEqual([])
})
