import { expect, test } from '@jest/globals'
import axios from 'axios'
import { payingAxios, payingFetch, type Payer } from '../../../src/client/index.js'
import {
  limits,
  mppChallenge,
  mppReceipt,
  mppWallet,
  rejection,
  seller,
} from '../support/http-seller.js'

type Fields = Record<string, string>

const BOTH: [string, (payer: Payer) => (url: string, headers: Fields) => Promise<number>][] = [
  [
    'payingFetch',
    (payer) => async (url, headers) =>
      (await payingFetch(payer, limits())(url, { headers })).status,
  ],
  [
    'payingAxios',
    (payer) => async (url, headers) => {
      const instance = payingAxios(axios.create({ proxy: false }), payer, limits())
      return (await instance.get(url, { headers, validateStatus: () => true })).status
    },
  ],
]

test.each(
  BOTH.flatMap(([name, buy]) =>
    ['Payment-Authorization', 'X-Pay-Here'].map((header) => [name, header, buy] as const),
  ),
)('%s puts the credential into %s, where the challenge names it', async (_, header, client) => {
  const { url, got } = await seller((request, response) => {
    const isPaid = request.headers[header.toLowerCase()] !== undefined
    if (isPaid) response.writeHead(200, { 'Payment-Receipt': mppReceipt }).end('sold')
    else response.writeHead(402, { 'WWW-Authenticate': mppChallenge({ header }) }).end()
  })
  const { payer, asked } = mppWallet()
  const buy = client(payer)
  expect(await buy(url, { authorization: 'Bearer mine' })).toBe(200)
  const [, paid] = got
  expect(paid?.headers[header.toLowerCase()]).toMatch(/^Payment [\w-]+$/)
  expect(got.map(({ headers }) => headers.authorization)).toEqual(['Bearer mine', 'Bearer mine'])

  const taken = { [header]: 'mine' }
  const other = await seller((__, response) => {
    response.writeHead(402, { 'WWW-Authenticate': mppChallenge({ header }) }).end()
  })
  const failure = await rejection(buy(other.url, taken))
  expect(failure).toMatchObject({ name: 'PaymentError', code: 'payment_unusable' })
  expect(failure.message).toContain(`paid in ${header}`)
  expect([asked.length, other.got.length]).toEqual([1, 1])
})
