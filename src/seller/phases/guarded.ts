import { sha256 } from '../../wire/hash.js'
import { gatewayRequestId } from '../events/gateway.js'
import type { FoundPayment } from '../events/payment-carriers.js'
import type { Sale } from '../options/sale.js'
import type { ToolPrice } from '../options/settings.js'
import type { SeenBefore } from '../guard/guard.js'
import { loadGuard } from '../guard/load-guard.js'
import type { Chosen, Reserved, Verified } from '../payment/chosen.js'
import { balanceIn } from '../rails/plan-rail.js'
import type { Balance } from '../rails/rail.js'
import type { Held } from '../records/entry.js'
import type { HandedOver } from './handoff-content.js'
import { TARGET_LIMIT_MS, ownerOf } from './phase-entry.js'

/** What is reserved of the balance before verify is asked, if the seller guards balances. */
export async function lookBefore(sale: Sale, chosen: Chosen): Promise<SeenBefore | undefined> {
  if (!sale.settings.overdraftGuard) return undefined
  return (await loadGuard()).lookBefore(sale, chosen)
}

/** Reserves the credits of a call until its response has come, if the seller guards balances. */
export async function reserved(
  sale: Sale,
  verified: Verified,
  { hold, worked }: Held,
  before: SeenBefore | undefined,
): Promise<Verified> {
  if (!sale.settings.overdraftGuard) return verified
  const { reserve } = await loadGuard()
  return reserve(sale, verified, {
    name: nameOf(sale, verified.token),
    leaseMs: TARGET_LIMIT_MS,
    isShared: true,
    // Without the Gateway's own id, a request that it repeats cannot be told from another call.
    reenters: hold !== undefined || gatewayRequestId(sale.context) !== undefined,
    before,
    asked: worked && hold?.record.asked?.amount,
  })
}

/** What the request phase of this call reserved, if the seller guards balances. */
export async function reservedByRequest(
  sale: Sale,
  token: string,
  balance: Balance | undefined,
): Promise<Reserved | undefined> {
  if (!sale.settings.overdraftGuard) return undefined
  return (await loadGuard()).reservedBefore(sale, balance, nameOf(sale, token))
}

/** Ends what the request phase of a failed call reserved. The call is not charged. */
export async function endReserved(
  sale: Sale,
  found: FoundPayment,
  { planIds }: Pick<ToolPrice, 'planIds'>,
  handed: HandedOver | undefined,
): Promise<void> {
  if (!sale.settings.overdraftGuard) return
  const verified = handed?.kind === 'verified' ? handed.verified : undefined
  const payment = verified ?? (found.kind === 'token' ? found : undefined)
  if (payment === undefined) return
  const plans = planIds.map((planId) => ({ planId }))
  const balance =
    verified?.rail.balanceOf(verified, verified.verification) ?? balanceIn(payment.payload, plans)
  await (await reservedByRequest(sale, payment.token, balance))?.end()
}

/** The name is the same in both phases of a call. */
function nameOf(sale: Sale, token: string): string {
  return sha256(`${ownerOf(sale)}|${token}`)
}
