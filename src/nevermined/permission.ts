import { lazy } from '../lazy.js'
import { isRecord } from '../wire/json.js'

/** Whether the argument of verify or settle is surely good. Sellers give nothing else. */
export function isPermission(params: unknown): boolean {
  if (!isRecord(params) || !isRecord(params['paymentRequired'])) return false
  const { x402AccessToken: token, maxAmount = 0n } = params
  const isAmount = typeof maxAmount === 'bigint' && maxAmount >= 0n
  return (
    isAmount && typeof token === 'string' && token !== '' && !/_/.test(Object.keys(params).join())
  )
}

/** Looks closely at another argument. @throws OptionsError if it is wrong. */
export async function refusePermission(method: string, params: unknown): Promise<void> {
  const { checkPermission } = await closeLook()
  checkPermission(method, params)
}

const closeLook = lazy(() => import('./permission-arguments.js'))
