import { inCall } from '../errors/in-call.js'
import type {
  AxiosAdapter,
  AxiosHeaders,
  AxiosInstance,
  AxiosResponse,
  InternalAxiosRequestConfig,
} from 'axios'
import { OptionsError, PaymentError } from '../errors/payment-error.js'
import { isRecord } from '../wire/json.js'
import { noting, responseUrl } from './http/axios-answered-by.js'
import { detached, discardStream, formIn, isStream, textOf } from './http/axios-body.js'
import type { Budget } from './buying/budget.js'
import { PaidCallError } from './buying/errors.js'
import { isSameTarget } from './http/hosts.js'
import { sendPayment, type Attempt } from './buying/send-payment.js'
import type { OpenPayment } from './buying/open-payments.js'
import { axiosIntent } from './http/axios-intent.js'
import { readPaidAnswer } from './http/paid-answer.js'
import {
  httpBuyer,
  isUnpaid,
  offerFor,
  openPaymentOf,
  purchaseFor,
  rememberUnpaid,
  type AimedPayment,
  type HttpBuyer,
  type HttpCall,
} from './http/http-buyer.js'
import type { PaymentLimits } from './buying/limits.js'
import type { Offer } from './http/http-offer.js'
import { headerIn, type Payer } from './buying/payer.js'
import { remember, type HeaderLookup, type Receipt } from './buying/receipt.js'
import { unpaidTools, type UnpaidTools } from './unpaid-tools.js'
import { OWN_HEADERS } from '../wire/own-headers.js'

/**
 * Makes an axios instance pay, as `payingFetch` does. A 402 is answered with one payment and the same request
 * once more. Other interceptors, transforms and `validateStatus` see one call and its last answer.
 *
 * `receiptOf(response)` says what became of the payment. For a status that axios rejects, use
 * `receiptOf(error.response)`. Such an error has no `config`, so that no interceptor repeats the call
 * unasked. An answer that came after a payment has no `request`, since the request holds the payment.
 *
 * Calls reject as those of `payingFetch` do. `isCancel` knows a `PaidCallError` after an abort too. One
 * intent is paid once, as with `payingFetch`: the same call again sends the payment that brought no delivery.
 *
 * An MCP tool that asks for payment in its result is not paid. Receipt and warning say so as with
 * `payingFetch`, unless the answer is a stream.
 *
 * A body that is a stream, or a form with a stream in it, cannot be sent twice. Such a call is refused before
 * anything is paid. Other forms can be sent twice (`postForm`, `FormData`, `URLSearchParams`). Redirects of a
 * paid request are not followed.
 *
 * @returns the same instance, which pays from now on, until `instance.interceptors.request.clear()`
 * @throws OptionsError naming the limit that is missing, unknown or not of its kind
 */
export function payingAxios<T extends AxiosInstance>(
  instance: T,
  payer: Payer,
  limits: PaymentLimits | Budget,
): T {
  const { requests, ...buyer } = inCall('payingAxios', { instance, payer, limits }, () => ({
    ...httpBuyer(payer, limits, Date.now),
    tools: unpaidTools('payingAxios'),
    requests: requestsOf(instance),
  }))
  requests.use(async (config) => {
    const { getAdapter } = await import('axios')
    const send: AxiosAdapter = async (ready) => getAdapter(config.adapter, ready)(ready)
    const env = { ...config.env, fetch: noting(config.env?.fetch ?? globalThis.fetch) }
    return { ...config, env, adapter: (ready) => sendPaying(ready, send, instance, buyer) }
  })
  return instance
}

function requestsOf(instance: AxiosInstance): AxiosInstance['interceptors']['request'] {
  const requests = (instance as Partial<AxiosInstance> | undefined)?.interceptors?.request
  if (requests === undefined) throw new OptionsError('instance', 'expected an axios instance')
  return requests
}

async function sendPaying(
  ready: InternalAxiosRequestConfig,
  adapter: AxiosAdapter,
  instance: AxiosInstance,
  buyer: HttpBuyer & { tools: UnpaidTools },
): Promise<AxiosResponse> {
  const { AxiosHeaders } = await import('axios')
  const form = formIn(ready.data)
  const headers = new AxiosHeaders(ready.headers).set({ ...form?.headers })
  const config = form === undefined ? ready : { ...ready, data: form.bytes, headers }
  const copy = () => ({ ...config, headers: new AxiosHeaders(config.headers) })
  const call = callOf(config, instance)
  const intent = () => axiosIntent(config, call)
  const sendOpen = (open: OpenPayment<AimedPayment>) =>
    sendPaid(open, { config, copy, call, adapter, buyer })

  const known = isStream(config.data) ? undefined : await openPaymentOf(call, intent, buyer)
  if (known !== undefined) return sendOpen(known)
  const first = await settle(adapter(copy()))
  const offer = await offerFrom(first, call, buyer)
  if (offer === undefined) return withoutPayment(first, call, { config, tools: buyer.tools })
  await discardStream(first.response?.data)
  checkRepeatable(config)

  const answered = new URL(responseUrl(first.response) ?? unredirected(config, call))
  const intended = { ...call, intent: await intent() }
  return sendOpen(await purchaseFor(intended, answered, offer, buyer))
}

/** A call that is sent with its payment. */
interface PaidCall {
  config: InternalAxiosRequestConfig
  copy: () => InternalAxiosRequestConfig & { headers: AxiosHeaders }
  call: HttpCall
  adapter: AxiosAdapter
  buyer: HttpBuyer
}

async function sendPaid(open: OpenPayment<AimedPayment>, paid: PaidCall): Promise<AxiosResponse> {
  const { config, call, buyer } = paid
  const { payments, clock } = buyer
  const { receipt, answer, failure, isDelivered } = await sendPayment(open, {
    attempt: (payment) => attemptWith(payment, paid),
    discard: (response) => discardStream(response.data),
    signal: call.signal,
    payments,
    clock,
  })
  if (answer === undefined) {
    const { isCancel } = await import('axios')
    const error = new PaidCallError(receipt, failure?.error)
    // After an abort, axios replaces errors that it does not take for its own cancellation.
    const isAborted = isCancel(failure?.error) || config.signal?.aborted === true
    throw isAborted ? Object.assign(error, { __CANCEL__: true }) : error
  }
  remember(answer, receipt)
  // A body that breaks off was not delivered. The next call gets it for the same payment.
  const broke = isDelivered ? () => payments.keep(open) : undefined
  return withoutRequest({ response: answer, error: failure?.error }, config, { receipt, broke })
}

async function attemptWith(
  payment: AimedPayment,
  { copy, call, adapter, buyer }: PaidCall,
): Promise<Attempt<AxiosResponse>> {
  const again = aimedAt(new URL(payment.url), copy(), call)
  again.headers.set(payment.name, payment.value)
  const { response, error } = await settle(adapter(again))
  const failure = error === undefined ? undefined : { error }
  if (response === undefined) return { failure, evidence: {}, isDelivered: false }
  const { status } = response
  const body = () => Promise.resolve(textOf(response.data))
  const answer = { status, header: headersOf(response), body }
  const read = await readPaidAnswer(answer, buyer.clock.now)
  // An error whose response is a success means that the body broke off.
  const isDelivered = read.isDelivered && failure === undefined
  return { ...read, isDelivered, answer: response, failure }
}

/** How an adapter ends. An unwanted status is an error that holds its response. */
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
  // Adapters replace any other authorization by these.
  const isBasic = auth !== undefined || (URL.canParse(url) && new URL(url).username !== '')
  return {
    method: (config.method ?? 'get').toUpperCase(),
    url,
    header: (name) => (isBasic && name === 'authorization' ? 'Basic' : header(name)),
    signal: signal instanceof AbortSignal ? signal : undefined,
  }
}

async function offerFrom(
  { response }: Outcome,
  call: HttpCall,
  buyer: HttpBuyer,
): Promise<Offer | undefined> {
  if (response === undefined) return undefined
  const url = responseUrl(response) ?? call.url
  const body = () => Promise.resolve(textOf(response.data))
  const answer = { status: response.status, url, header: headersOf(response), body }
  if (!(await isUnpaid(response, call, answer))) return undefined
  try {
    return await offerFor(call, answer, buyer)
  } catch (error) {
    await discardStream(response.data)
    throw error
  }
}

/** @throws PaymentError before anything is paid, if it is not known who asks for money. */
function unredirected({ maxRedirects }: InternalAxiosRequestConfig, { url }: HttpCall): string {
  if (maxRedirects === 0) return url
  const message = 'the adapter does not say where the answer came from. Set maxRedirects to 0'
  throw new PaymentError('payment_unusable', `${message}; nothing was paid`)
}

/** @throws PaymentError before anything is paid, if the request cannot be sent again. */
function checkRepeatable({ data }: InternalAxiosRequestConfig): void {
  if (!isStream(data)) return
  const message = 'the body is a stream, which cannot be sent twice; nothing was paid'
  throw new PaymentError('payment_unusable', message)
}

/** The same request, aimed at the URL that answered. Headers for another server are removed. */
function aimedAt(
  answered: URL,
  config: InternalAxiosRequestConfig & { headers: AxiosHeaders },
  { url }: HttpCall,
): typeof config {
  const { auth, headers, sensitiveHeaders = [] } = config
  const called = new URL(url)
  const again = { ...config, maxRedirects: 0 }
  if (isSameTarget(answered, called)) return again
  Object.assign(again, { url: answered.href, baseURL: '', params: undefined })
  if (answered.origin !== called.origin) {
    headers.delete([...OWN_HEADERS, ...sensitiveHeaders])
    delete again.auth
  } else if (auth === undefined && called.username !== '') {
    const [username = '', password = ''] = [called.username, called.password].map(
      decodeURIComponent,
    )
    again.auth = { username, password }
  }
  return again
}

function withoutPayment(
  { response, error }: Outcome,
  call: HttpCall,
  { config, tools }: { config: InternalAxiosRequestConfig; tools: UnpaidTools },
): AxiosResponse {
  if (response !== undefined) {
    rememberUnpaid(response, headersOf(response), call)
    const asked: unknown = config.data
    tools.see(response, textOf(response.data), typeof asked === 'string' ? asked : undefined)
  }
  if (error !== undefined || response === undefined) throw error
  return response
}

/**
 * The error or response without request and config: these hold the payment, and errors are logged.
 * Interceptors that retry do not repeat an error without config. So the caller decides whether a payment is
 * sent again.
 */
function withoutRequest(
  { response, error }: Outcome,
  config: InternalAxiosRequestConfig,
  { receipt, broke }: { receipt: Receipt; broke: (() => void) | undefined },
): AxiosResponse {
  const clean = { config, request: undefined }
  if (response !== undefined) {
    Object.assign(response, clean, { data: detached(response.data, clean, broke) })
  }
  const kept = receipt.paid === 'no' ? clean : { ...clean, config: undefined }
  if (error instanceof Error) throw Object.assign(error, kept)
  return response as AxiosResponse
}

function headersOf({ headers }: AxiosResponse): HeaderLookup {
  return lookup(headers)
}

function lookup(headers: unknown): HeaderLookup {
  return (name) => headerIn(headers, name)
}
