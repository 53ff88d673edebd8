import type {
  AxiosAdapter,
  AxiosHeaders,
  AxiosInstance,
  AxiosResponse,
  InternalAxiosRequestConfig,
} from 'axios'
import { OptionsError, PaymentError } from '../errors.js'
import { isRecord } from '../x402.js'
import type { Budget } from './budget.js'
import { PaidCallError } from './errors.js'
import {
  carriesPayment,
  evidenceIn,
  httpBuyer,
  offerFor,
  purchaseFor,
  type HttpBuyer,
  type HttpCall,
} from './http-buyer.js'
import type { HttpPayment } from './http-payment.js'
import type { PaymentLimits } from './limits.js'
import type { Offer } from './offer.js'
import type { Payer } from './payer.js'
import { receiptFrom, remember, settledInHeaders, type HeaderLookup } from './receipt.js'

/**
 * Makes an axios instance pay, as `payingFetch` does: by an interceptor of its requests, which has them
 * sent by an adapter that answers a 402 with one payment and the same request once more. Other
 * interceptors, transforms and `validateStatus` see one call and its last answer. `receiptOf(response)`
 * says what became of the payment; of a status that axios rejects, `receiptOf(error.response)`. What is
 * answered after a payment has no `request`, since that holds the payment.
 *
 * A body that is a stream cannot be sent twice, and is refused before anything is paid. Redirects of a
 * paid request are not followed.
 *
 * @returns the interceptor's id, for `instance.interceptors.request.eject(id)`
 * @throws OptionsError naming the limit that is missing, unknown or not of its kind
 */
export function payingAxios(
  instance: AxiosInstance,
  payer: Payer,
  limits: PaymentLimits | Budget,
): number {
  const buyer = httpBuyer(payer, limits, Date.now)
  const requests = (instance as Partial<AxiosInstance> | undefined)?.interceptors?.request
  if (requests === undefined) throw new OptionsError('instance', 'expected an axios instance')
  return requests.use(async (config) => {
    const { getAdapter } = await import('axios')
    const adapter = getAdapter(config.adapter)
    return { ...config, adapter: (ready) => sendPaying(ready, adapter, instance, buyer) }
  })
}

async function sendPaying(
  config: InternalAxiosRequestConfig,
  adapter: AxiosAdapter,
  instance: AxiosInstance,
  buyer: HttpBuyer,
): Promise<AxiosResponse> {
  const { AxiosHeaders } = await import('axios')
  const copy = () => ({ ...config, headers: new AxiosHeaders(config.headers) })
  const call = callOf(config, instance)
  const first = await settle(adapter(copy()))
  const offer = await offerIn402(first, call, buyer)
  if (offer === undefined) return withoutPayment(first)
  discard(first.response, config)

  const answered = new URL(responseUrl(first.response) ?? call.url)
  const { payment, conclude } = await purchaseFor(call, answered, offer, buyer)
  const paid = await settle(adapter(paidConfig(copy(), payment, answered, call)))
  if (paid.response === undefined) throw new PaidCallError(conclude({}), paid.error)
  remember(paid.response, conclude(evidenceIn(paid.response.status, headersOf(paid.response))))
  return withoutRequest(paid, config)
}

/** How an adapter ends: a status that is not wanted is an error that has its response. */
interface Outcome {
  response?: AxiosResponse | undefined
  error?: unknown
}

async function settle(sent: Promise<AxiosResponse>): Promise<Outcome> {
  try {
    return { response: await sent }
  } catch (error) {
    const response = error instanceof Error ? (error as { response?: unknown }).response : undefined
    return {
      response: isRecord(response) ? (response as unknown as AxiosResponse) : undefined,
      error,
    }
  }
}

function callOf(config: InternalAxiosRequestConfig, instance: AxiosInstance): HttpCall {
  const { signal } = config
  return {
    method: (config.method ?? 'get').toUpperCase(),
    url: instance.getUri(config),
    header: lookup(config.headers),
    signal: signal instanceof AbortSignal ? signal : undefined,
  }
}

async function offerIn402(
  { response }: Outcome,
  call: HttpCall,
  buyer: HttpBuyer,
): Promise<Offer | undefined> {
  if (response?.status !== 402 || carriesPayment(call.header)) return undefined
  const url = responseUrl(response) ?? call.url
  const body = () => Promise.resolve(textOf(response.data))
  return offerFor(call, { url, header: headersOf(response), body }, buyer)
}

/** Before axios transforms it: text, bytes, or a stream, which is left alone. */
function textOf(data: unknown): string | undefined {
  if (data instanceof ArrayBuffer) return Buffer.from(data).toString()
  return typeof data === 'string' || Buffer.isBuffer(data) ? data.toString() : undefined
}

/** Where the answer came from after redirects, as the adapters for Node and `XMLHttpRequest` tell. */
function responseUrl(response: AxiosResponse | undefined): string | undefined {
  const request: unknown = response?.request
  if (!isRecord(request)) return undefined
  const { res, responseURL } = request
  const url = isRecord(res) ? res['responseUrl'] : responseURL
  return typeof url === 'string' && url !== '' ? url : undefined
}

/** @throws PaymentError before anything is paid, if the request cannot be sent again. */
function discard(response: AxiosResponse | undefined, { data }: InternalAxiosRequestConfig): void {
  const answer: unknown = response?.data
  if (isStream(answer)) answer.destroy()
  if (!isStream(data)) return
  const message = 'the body is a stream, which cannot be sent twice; nothing was paid'
  throw new PaymentError('payment_unusable', message)
}

function isStream(value: unknown): value is { destroy: () => void } {
  return isRecord(value) && typeof value['pipe'] === 'function'
}

function paidConfig(
  config: InternalAxiosRequestConfig & { headers: AxiosHeaders },
  { name, value }: HttpPayment,
  answered: URL,
  { url }: HttpCall,
): InternalAxiosRequestConfig {
  config.headers.set(name, value)
  const isElsewhere = answered.href !== new URL(url).href
  const target = isElsewhere ? { url: answered.href, baseURL: '', params: undefined } : {}
  return { ...config, ...target, maxRedirects: 0 }
}

function withoutPayment({ response, error }: Outcome): AxiosResponse {
  if (response !== undefined) {
    const settled = settledInHeaders(headersOf(response))
    remember(response, settled === undefined ? { paid: 'no' } : receiptFrom(settled))
  }
  if (error !== undefined || response === undefined) throw error
  return response
}

/** The request and its config hold the payment, and errors are logged. */
function withoutRequest({ response, error }: Outcome, config: InternalAxiosRequestConfig) {
  const clean = { config, request: undefined }
  if (response !== undefined) Object.assign(response, clean)
  if (error instanceof Error) throw Object.assign(error, clean)
  return response as AxiosResponse
}

function headersOf({ headers }: AxiosResponse): HeaderLookup {
  return lookup(headers)
}

function lookup(headers: unknown): HeaderLookup {
  return (name) => {
    const { get } = headers as { get?: (name: string) => unknown }
    const value = typeof get === 'function' ? get.call(headers, name) : undefined
    return typeof value === 'string' ? value : undefined
  }
}
