import { setTimeout as sleep } from 'node:timers/promises'
import {
  PaymentRefusedError,
  PaymentUnavailableError,
  SettlementUnknownError,
} from '../../errors/payment-error.js'
import { remainingMs } from '../../time/deadline.js'
import { sha256 } from '../../wire/hash.js'
import type { InFlight, PaymentStore, Reservation } from '../options/payment-store.js'
import type { Sale } from '../options/sale.js'
import { callOf } from '../payment/call-limits.js'
import type { Chosen, Reserved, Verified } from '../payment/chosen.js'
import { verify } from '../payment/verify.js'
import type { Balance } from '../rails/rail.js'
import { endReservation } from '../records/end-reservation.js'
import { TakenOverError } from '../records/hold.js'
import { orUnavailable } from '../records/store-failure.js'
import { type Bounds, boundsOf, creditsOf, taken } from './plan-credits.js'

// Why no two calls count on the same credits. Each call writes its reservation first, and learns in the same step which
// reservations are there already. Then it asks whether the payer has enough for those and for itself. Of all calls that
// were let in, take the one that wrote last. Each other one was among those it counted, or had been charged before it
// asked. So the credits sufficed for all of them together.

/** What was reserved of a balance before a payment was verified. */
export interface SeenBefore {
  readonly account: string
  readonly inFlight: InFlight
}

/**
 * Reads what is reserved of the balance, before verify is asked. If nothing is, and nothing was in between, the verify
 * has shown that the payer has enough.
 *
 * @returns `undefined` if the payment does not name its balance.
 */
export async function lookBefore(sale: Sale, chosen: Chosen): Promise<SeenBefore | undefined> {
  const account = accountOf(chosen.rail.balanceOf(chosen, undefined))
  if (account === undefined) return undefined
  const { settings, store } = sale
  const inFlight = await orUnavailable(() => guarded(store).inFlight(account, settings.now()))
  return { account, inFlight }
}

/** How a call reserves. */
export interface ReservedBy {
  /** Names the call among those that draw on the same balance. */
  readonly name: string
  /** How long the call may last. Unit: ms. */
  readonly leaseMs: number
  /** Whether other deliveries of this call, or other calls, may have the name. */
  readonly isShared: boolean
  /** If so, whether a reservation of the same name can only be one of this call. */
  readonly reenters: boolean
  readonly before: SeenBefore | undefined
  /** What an earlier call asked to settle for the same work. Unit: credits. */
  readonly asked: string | undefined
}

/**
 * Reserves the credits of a verified payment, if the payer has enough for all calls in work. It waits a little for calls
 * that came earlier and may end without a charge.
 *
 * @returns the payment with its reservation. Payments in money are returned as they are.
 * @throws PaymentUnavailableError `balance_in_use` if other calls may need the credits. Nothing is reserved then.
 * @throws PaymentRefusedError if the payer has not enough for this call alone.
 */
export async function reserve(sale: Sale, verified: Verified, by: ReservedBy): Promise<Verified> {
  const named = verified.rail.balanceOf(verified, verified.verification)
  if (named === undefined) return verified
  const account = accountOf(named)
  if (account === undefined || !isWhole(named)) {
    const why = 'overdraftGuard: neither the facilitator nor the payment names payer and plan'
    throw new PaymentUnavailableError('facilitator_unavailable', why)
  }
  const { timeoutMs } = callOf(sale, verified)
  const bounds = await boundsOf(sale, named.planId, timeoutMs)
  const own = taken(atLeast(verified.verifyAmount, by.asked), bounds)
  const isVerified = own === taken(verified.verifyAmount, bounds)
  const spending = { verified, balance: named, bounds, own }
  const until = sale.settings.now() + by.leaseMs
  const reservation = reservedAs(sale, account, by)
  const mine = { name: by.name, amount: own, until }
  const there = await written(sale, account, mine, { ...by, reservation })
  const others = there.reservations.filter(({ name }) => name !== by.name)
  if (isVerified && wasAlone(others, there, by, account)) return { ...verified, reservation }
  try {
    await awaitRoom(sale, account, spending, others)
  } catch (error) {
    await endOwn(by, reservation)
    throw error
  }
  return { ...verified, reservation }
}

/** Ends what this call wrote, unless an earlier delivery of the call wrote it, and may be at work. */
async function endOwn({ before, name }: ReservedBy, reservation: Reserved): Promise<void> {
  const wasThere = before?.inFlight.reservations.some((one) => one.name === name) === true
  if (!wasThere) await reservation.end()
}

/** What a call wants to spend, and from what. */
interface Spending {
  readonly verified: Verified
  readonly balance: Whole
  readonly bounds: Bounds | undefined
  readonly own: bigint
}

type Whole = { readonly [K in keyof Balance]: NonNullable<Balance[K]> }

function isWhole(balance: Balance): balance is Whole {
  return balance.payer !== undefined && balance.planId !== undefined
}

async function written(
  { store, settings }: Sale,
  account: string,
  mine: Reservation,
  by: ReservedBy & { readonly reservation: Reserved },
): Promise<InFlight> {
  const isNew = by.isShared && !by.reenters
  const write = guarded(store).reserve(account, mine, { isNew, nowMs: settings.now() })
  const there = await orUnavailable(() => write).catch(async (error: unknown) => {
    // The store may have carried it out. If others may have the name, it is perhaps theirs.
    if (!isNew) await endOwn(by, by.reservation)
    throw error
  })
  if (there === undefined) throw inUse()
  return there
}

/** Whether no other call can have counted on the credits since verify was asked. */
function wasAlone(
  others: readonly Reservation[],
  { mark }: InFlight,
  { before, name }: ReservedBy,
  account: string,
): boolean {
  if (before === undefined || before.account !== account || before.inFlight.mark !== mark) {
    return false
  }
  return [...others, ...before.inFlight.reservations].every((one) => one.name === name)
}

/** Pauses between two looks. Earlier calls that find no room go away within this time. Unit: ms. */
const PAUSES_MS = [50, 100, 200, 400, 800]
/** Time that is left to the work. Unit: ms. */
const WORK_MS = 2_000

/**
 * Waits until the payer has enough for this call and for those that reserved earlier. Calls that reserved later do not
 * count: they count this one. So of all that wait, the first one is never held up by another that waits.
 */
async function awaitRoom(
  sale: Sale,
  account: string,
  spending: Spending,
  first: readonly Reservation[],
): Promise<void> {
  const { settings, context, store } = sale
  const ofWork = remainingMs(context) - settings.settleReserveMs - WORK_MS
  let leftMs = Math.min(settings.waitForAnswerMs, ofWork)
  const earlier = new Set(first.map(({ name }) => name))
  let others = first
  let asked: bigint | undefined
  for (let looks = 0; ; looks++) {
    const sum = others.reduce((all, { amount }) => all + amount, spending.own)
    if (sum !== asked && (await hasEnough(sale, spending, sum))) return
    asked = sum
    if (leftMs <= 0) throw inUse()
    const pauseMs = Math.min(leftMs, PAUSES_MS[looks] ?? leftMs)
    leftMs -= pauseMs
    await sleep(pauseMs)
    const now = await orUnavailable(() => guarded(store).inFlight(account, settings.now()))
    others = now.reservations.filter(({ name }) => earlier.has(name))
  }
}

/**
 * Whether a payer can spend this much at once. Verify asks no more of a payer than one settlement can take. So a larger
 * sum is compared with the balance.
 *
 * @throws PaymentRefusedError if the payer has not enough for this call alone.
 */
async function hasEnough(
  sale: Sale,
  { verified, balance, bounds, own }: Spending,
  sum: bigint,
): Promise<boolean> {
  if (bounds !== undefined && sum > bounds.max) {
    return (await creditsOf(sale, balance, callOf(sale, verified).timeoutMs)) >= sum
  }
  try {
    await verify(sale, { ...verified, verifyAmount: sum }, verified.correlationId)
    return true
  } catch (error) {
    // Other calls are not to blame if the payer has not enough for this one alone.
    if (error instanceof PaymentRefusedError && sum > own) return false
    throw error
  }
}

function atLeast(amount: bigint, asked: string | undefined): bigint {
  const before = BigInt(asked ?? 0)
  return before > amount ? before : amount
}

function inUse(): PaymentUnavailableError {
  return new PaymentUnavailableError('balance_in_use', 'other calls may need the credits')
}

/** The reservation of a call whose request phase made it. */
export function reservedBefore(
  sale: Sale,
  balance: Balance | undefined,
  name: string,
): Reserved | undefined {
  const account = accountOf(balance)
  return account === undefined ? undefined : reservedAs(sale, account, { name, isShared: true })
}

function reservedAs(
  sale: Sale,
  account: string,
  { name, isShared }: Pick<ReservedBy, 'name' | 'isShared'>,
): Reserved {
  const at = { account, name }
  let ending: Promise<void> | undefined
  const end = (): Promise<void> => (ending ??= endReservation(sale, at))
  return {
    at,
    end,
    async endAfter(error) {
      // A used payment has taken its credits, and takes no more.
      const isOpen = error instanceof SettlementUnknownError && error.state !== 'used'
      // Another delivery of the call goes on, under the same name.
      const goesOn = isShared && error instanceof TakenOverError
      if (!isOpen && !goesOn) await end()
    },
  }
}

/** Options make sure that the store has these methods. */
function guarded(store: PaymentStore): Required<PaymentStore> {
  return store as Required<PaymentStore>
}

function accountOf({ payer, planId }: Partial<Balance> = {}): string | undefined {
  if (payer === undefined || planId === undefined) return undefined
  return sha256(`balance|${payer.toLowerCase()}|${planId}`)
}
