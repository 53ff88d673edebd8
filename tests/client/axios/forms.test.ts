import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { expect, test } from '@jest/globals'
import type { AxiosInstance, AxiosResponse } from 'axios'
import { PaidCallError, receiptOf } from '../../../src/client/index.js'
import { payingInstance } from '../support/axios-buyer.js'
import { asksThen, rejection, seller, sells } from '../support/http-seller.js'

// Forms that axios writes: on Node, `postForm` makes an object of the package `form-data`, which is a stream.

const FIELDS = { city: 'Rome', deep: { day: 1 }, file: Buffer.from([0, 255, 13, 10, 45, 45]) }

function webForm(): FormData {
  const form = new FormData()
  form.append('city', 'Rome')
  form.append('file', new Blob(['bytes'], { type: 'image/png' }), 'a.png')
  return form
}

type Send = (instance: AxiosInstance, url: string) => Promise<AxiosResponse>

const asForm = { headers: { 'Content-Type': 'multipart/form-data' } }

const FORMS: [string, Send, string[]][] = [
  [
    'postForm',
    (axios, url) => axios.postForm(url, FIELDS),
    ['Rome', 'name="deep[day]"', '\xff\r\n--'],
  ],
  ['putForm', (axios, url) => axios.putForm(url, FIELDS), ['Rome', '\xff\r\n--']],
  ['patchForm', (axios, url) => axios.patchForm(url, FIELDS), ['Rome', '\xff\r\n--']],
  ['post of a form by its type', (axios, url) => axios.post(url, FIELDS, asForm), ['Rome']],
  [
    'postForm of a web form',
    (axios, url) => axios.postForm(url, webForm()),
    ['Rome', 'a.png', 'bytes'],
  ],
  [
    'post of a web form',
    (axios, url) => axios.post(url, webForm()),
    ['Rome', 'image/png', 'bytes'],
  ],
  [
    'post of parameters',
    (axios, url) => axios.post(url, new URLSearchParams('a=b&c=d')),
    ['a=b&c=d'],
  ],
  ['post of a blob', (axios, url) => axios.post(url, new Blob(['bytes'])), ['bytes']],
]

/** What a body says, without the boundary, which may be another one each time. */
function said({ headers, body }: { headers: Record<string, unknown>; body: string }): string {
  const boundary = /boundary=(.+)$/.exec(String(headers['content-type']))?.[1]
  return boundary === undefined ? body : body.replaceAll(boundary, '')
}

test.each(FORMS)('%s is sent again with its payment, whole', async (_, send, parts) => {
  const { url, got, paid } = await seller(sells)
  const { instance, asked } = payingInstance({ proxy: false })
  const response = await send(instance, url)
  expect([response.status, response.data]).toEqual([200, 'sold'])
  expect(receiptOf(response)).toMatchObject({ paid: 'yes' })
  const [first, second] = got
  if (first === undefined || second === undefined) throw new Error('expected two requests')
  expect([got.length, paid().length, asked.length]).toEqual([2, 1, 1])
  expect(said(second)).toBe(said(first))
  for (const part of parts) expect(second.body).toContain(part)
  const { 'content-type': type = '', 'content-length': length } = second.headers
  if (/^multipart/.test(first.headers['content-type'] ?? '')) {
    expect(type).toMatch(/^multipart\/form-data; boundary=/)
  }
  if (length !== undefined) expect(Number(length)).toBe(second.body.length)
})

test.each(FORMS)(
  '%s whose answer is lost is paid once, however often it is sent',
  async (_, send) => {
    const { url, paid } = await seller(
      asksThen((got, response, nth) =>
        nth === 2 ? void response.destroy() : sells(got, response, nth),
      ),
    )
    const { instance, asked } = payingInstance({ proxy: false })
    expect(await rejection(send(instance, url))).toBeInstanceOf(PaidCallError)
    expect((await send(instance, url)).data).toBe('sold')
    const payments = new Set(paid().map(({ headers }) => headers['payment-signature']))
    expect([asked.length, paid().length, payments.size]).toEqual([1, 2, 1])
  },
)

test.each<[string, () => object]>([
  ['of a file', () => ({ file: createReadStream('package.json') })],
  ['in memory', () => ({ file: Readable.from(['x']) })],
])('a form with a stream %s in it is refused before paying', async (_, fields) => {
  const { url, got } = await seller(sells)
  const { instance, asked, budget } = payingInstance({ proxy: false })
  const failure = await rejection(instance.postForm(url, fields()))
  expect(failure).toMatchObject({ code: 'payment_unusable' })
  expect(failure.message).toMatch(/stream.*sent twice.*nothing was paid$/)
  expect([asked.length, got.length]).toEqual([0, 1])
  expect(budget.standing()).toMatchObject([{ held: 0n, spent: 0n }])
})
