import axios from 'axios'
import {
  payingAxios,
  payingFetch,
  receiptOf,
  type Budget,
  type Payer,
  type PaymentLimits,
  type Receipt,
} from '../../../src/client/index.js'
import type { Chain } from '../chain/chain.js'

export interface Bought {
  status: number
  text: string
  receipt: Receipt
}

export interface Order {
  method?: string
  body?: string
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** One call, paid if need be. */
export type Buy = (url: string, order?: Order) => Promise<Bought>
export type Buyer = (payer: Payer, limits: PaymentLimits | Budget) => Buy

/** The two clients for HTTP, which are held to the same. */
export const BUYERS: [string, Buyer][] = [
  ['payingFetch', fetchBuyer],
  ['payingAxios', axiosBuyer],
]

/** A budget of the chain's token, in atomic units. */
export function allowing(
  { token }: Pick<Chain, 'token'>,
  maxAmountPerPayment: bigint,
  total: bigint = maxAmountPerPayment,
): PaymentLimits {
  return { budgets: { [`${token.network}/${token.asset}`]: { maxAmountPerPayment, total } } }
}

export function fetchBuyer(payer: Payer, limits: PaymentLimits | Budget): Buy {
  const paying = payingFetch(payer, limits)
  return async (url, order) => {
    const response = await paying(url, order)
    return {
      status: response.status,
      text: await response.text(),
      receipt: receiptOf(response),
    }
  }
}

export function axiosBuyer(payer: Payer, limits: PaymentLimits | Budget): Buy {
  const instance = axios.create({ validateStatus: () => true, responseType: 'text', proxy: false })
  payingAxios(instance, payer, limits)
  return async (url, { body, ...order } = {}) => {
    const response = await instance.request<string>({ url, data: body, ...order })
    return { status: response.status, text: response.data, receipt: receiptOf(response) }
  }
}
