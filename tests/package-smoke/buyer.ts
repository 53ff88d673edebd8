// Compiled by package.test.ts: what a buyer writes who has no SDK of AWS.
import {
  PaidCallError,
  PaymentLimitError,
  createBudget,
  payingAxios,
  payingFetch,
  receiptOf,
  type Payer,
  type PaymentLimits,
  type Receipt,
} from 'agentcore-x402/client'
import axios from 'axios'
import { Payments } from 'agentcore-x402'

const limits: PaymentLimits = {
  budgets: {
    'eip155:8453/0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913': {
      maxAmountPerPayment: 1n,
      total: '2',
    },
  },
  hosts: ['api.example.com'],
  confirm: ({ amount }) => amount < 10n,
}
const payer: Payer = async (_paymentRequired, { requirement, mpp }) =>
  mpp === undefined ? { headers: { 'payment-signature': requirement.network } } : {}

const budget = createBudget(limits)
export const paying: typeof fetch = payingFetch(payer, budget)
export const nevermined = payingFetch(Payments.getInstance({ nvmApiKey: 'none' }), budget)
payingAxios(axios.create(), { pay: payer, protocols: ['x402', 'mpp'] }, budget)

export async function buy(url: string): Promise<Receipt | string> {
  try {
    return receiptOf(await paying(url))
  } catch (error) {
    if (error instanceof PaymentLimitError) return error.limit
    if (error instanceof PaidCallError) return error.receipt
    throw error
  }
}
