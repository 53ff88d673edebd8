import type {
  AxiosAdapter,
  AxiosHeaders,
  AxiosInstance,
  AxiosResponse,
  InternalAxiosRequestConfig,
} from 'axios'
import { OptionsError, PaymentError } from '../errors.js'
import { isRecord } from '../x402.js'
import { detached, discardStream, isStream, textOf } from './axios-body.js'
import type { Budget } from './budget.js'
import { PaidCallError } from './errors.js'
import { isSameTarget } from './hosts.js'
import {
  evidenceIn,
  httpBuyer,
  isUnpaid,
  offerFor,
  purchaseFor,
  rememberUnpaid,
  type HttpBuyer,
  type HttpCall,
} from './http-buyer.js'
import type { HttpPayment } from './http-payment.js'
import type { PaymentLimits } from './limits.js'
import type { Offer } from './offer.js'
import { headerIn, type Payer } from './payer.js'
import { remember, type HeaderLookup } from './receipt.js'
import { OWN_HEADERS } from './replay.js'

/**
 * Makes an axios instance pay, as `payingFetch` does: by an interceptor of its requests, which has them
 * sent by an adapter that answers a 402 with one payment and the same request once more. Other
 * interceptors, transforms and `validateStatus` see one call and its last answer. `receiptOf(response)`
 * says what became of the payment; of a status that axios rejects, `receiptOf(error.response)`. What is
 * answered after a payment has no `request`, since that holds the payment. Calls reject as those of
 * `payingFetch` do; `isCancel` knows a `PaidCallError` after an abort too.
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
    const send: AxiosAdapter = async (ready) => getAdapter(config.adapter, ready)(ready)
    return { ...config, adapter: (ready) => sendPaying(ready, send, instance, buyer) }
  })
}

async function sendPaying(
  config: InternalAxiosRequestConfig,
  adapter: AxiosAdapter,
  instance: AxiosInstance,
  buyer: HttpBuyer,
): Promise<AxiosResponse> {
  const { AxiosHeaders, isCancel } = await import('axios')
  const copy = () => ({ ...config, headers: new AxiosHeaders(config.headers) })
  const call = callOf(config, instance)
  const first = await settle(adapter(copy()))
  const offer = await offerIn402(first, call, buyer)
  if (offer === undefined) return withoutPayment(first, call)
  await discardStream(first.response?.data)
  checkRepeatable(config)

  const answered = new URL(responseUrl(first.response) ?? call.url)
  const { payment, conclude } = await purchaseFor(call, answered, offer, buyer)
  const paid = await settle(adapter(paidConfig(copy(), payment, answered, call)))
  if (paid.response === undefined) {
    const error = new PaidCallError(conclude({}), paid.error)
    // What axios does not take for its own cancellation it replaces by one, after an abort.
    const isAborted = isCancel(paid.error) || config.signal?.aborted === true
    throw isAborted ? Object.assign(error, { __CANCEL__: true }) : error
  }
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
  const { signal, auth } = config
  const url = instance.getUri(config)
  const header = lookup(config.headers)
  // Adapters put these in the place of any other authorization.
  const isBasic = auth !== undefined || (URL.canParse(url) && new URL(url).username !== '')
  return {
    method: (config.method ?? 'get').toUpperCase(),
    url,
    header: (name) => (isBasic && name === 'authorization' ? 'Basic' : header(name)),
    signal: signal instanceof AbortSignal ? signal : undefined,
  }
}

async function offerIn402(
  { response }: Outcome,
  call: HttpCall,
  buyer: HttpBuyer,
): Promise<Offer | undefined> {
  if (response === undefined || !isUnpaid(response, call)) return undefined
  const url = responseUrl(response) ?? call.url
  const body = () => Promise.resolve(textOf(response.data))
  try {
    return await offerFor(call, { url, header: headersOf(response), body }, buyer)
  } catch (error) {
    await discardStream(response.data)
    throw error
  }
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
function checkRepeatable({ data }: InternalAxiosRequestConfig): void {
  if (!isStream(data)) return
  const message = 'the body is a stream, which cannot be sent twice; nothing was paid'
  throw new PaymentError('payment_unusable', message)
}

function paidConfig(
  config: InternalAxiosRequestConfig & { headers: AxiosHeaders },
  { name, value }: HttpPayment,
  answered: URL,
  { url }: HttpCall,
): InternalAxiosRequestConfig {
  const { headers, sensitiveHeaders = [] } = config
  const called = new URL(url)
  const target = { ...config, maxRedirects: 0 }
  if (!isSameTarget(answered, called)) {
    Object.assign(target, { url: answered.href, baseURL: '', params: undefined })
  }
  if (answered.origin !== called.origin) {
    headers.delete([...OWN_HEADERS, ...sensitiveHeaders])
    delete target.auth
  } else if (called.username !== '') {
    // Of those in a URL, redirects lose the trace.
    target.auth ??= {
      username: decodeURIComponent(called.username),
      password: decodeURIComponent(called.password),
    }
  }
  headers.set(name, value)
  return target
}

function withoutPayment({ response, error }: Outcome, call: HttpCall): AxiosResponse {
  if (response !== undefined) rememberUnpaid(response, headersOf(response), call)
  if (error !== undefined || response === undefined) throw error
  return response
}

/** The request and its config hold the payment, and errors are logged. */
function withoutRequest({ response, error }: Outcome, config: InternalAxiosRequestConfig) {
  const clean = { config, request: undefined }
  if (response !== undefined) {
    Object.assign(response, clean, { data: detached(response.data, clean) })
  }
  if (error instanceof Error) throw Object.assign(error, clean)
  return response as AxiosResponse
}

function headersOf({ headers }: AxiosResponse): HeaderLookup {
  return lookup(headers)
}

function lookup(headers: unknown): HeaderLookup {
  return (name) => headerIn(headers, name)
}
