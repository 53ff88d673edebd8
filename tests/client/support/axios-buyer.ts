import axios, { type AxiosError, type CreateAxiosDefaults } from 'axios'
import { createBudget, payingAxios } from '../../../src/client/index.js'
import { limits, mppWallet, rejection } from './http-seller.js'

/** Makes an axios instance that pays, with a wallet and a budget of its own. */
export function payingInstance(config: CreateAxiosDefaults = {}, given = limits()) {
  const budget = createBudget(given)
  const { payer, asked } = mppWallet()
  const instance = payingAxios(axios.create(config), payer, budget)
  return { instance, budget, asked }
}

/** The error of axios that a call rejects with. */
export async function axiosError(call: Promise<unknown>): Promise<AxiosError> {
  const error = await rejection(call)
  if (axios.isAxiosError(error)) return error
  throw error
}
