import type { infer as Infer } from 'zod/mini'
import { invalid, notFound, refused } from '../world/aws-error.js'
import type {
  CreatePaymentSessionInput,
  DeletePaymentSessionInput,
  GetPaymentSessionInput,
  ListPaymentSessionsInput,
} from './data-plane-shapes.js'
import { newId } from '../world/ids.js'
import { formatDollars, parseDollars } from '../world/money.js'
import { ownerOf, type Owner } from '../world/owner.js'
import { without } from '../world/without.js'
import { iso, type Call, type Session, type World } from '../world/world.js'

export function createSession(
  world: World,
  call: Call,
  input: Infer<typeof CreatePaymentSessionInput>,
) {
  const { manager, userId } = ownerOf(world, call, input, refused)
  const limitText = input.limits?.maxSpendAmount.value
  const limit = limitText === undefined ? undefined : readLimit(limitText)
  const nowMs = world.now()
  const session: Session = {
    serial: world.nextSerial(),
    id: newId('payment-session', 15),
    managerArn: manager.arn,
    userId,
    expiryTimeInMinutes: input.expiryTimeInMinutes,
    limitText,
    limit,
    spent: 0n,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  }
  world.sessions.set(session.id, session)
  return { paymentSession: described(session) }
}

export function getSession(world: World, call: Call, input: Infer<typeof GetPaymentSessionInput>) {
  return { paymentSession: described(found(world, call, input)) }
}

export function listSessions(
  world: World,
  call: Call,
  input: Infer<typeof ListPaymentSessionsInput>,
) {
  const owner = ownerOf(world, call, input, refused)
  const sessions = [...world.sessions.values()].filter((session) => isOf(owner, session))
  const listing = `sessions ${owner.manager.arn} ${owner.userId}`
  const page = world.pages.cut(listing, sessions, ({ serial }) => serial, input)
  const items = page.items.map((one) => without(described(one), 'limits', 'availableLimits'))
  return { paymentSessions: items, nextToken: page.nextToken }
}

export function deleteSession(
  world: World,
  call: Call,
  input: Infer<typeof DeletePaymentSessionInput>,
) {
  world.sessions.delete(found(world, call, input).id)
  return { status: 'DELETED' }
}

export function sessionOf(world: World, owner: Owner, id: string): Session | undefined {
  const session = world.sessions.get(id)
  return session !== undefined && isOf(owner, session) ? session : undefined
}

export function isExpired({ createdAtMs, expiryTimeInMinutes }: Session, nowMs: number): boolean {
  return nowMs >= createdAtMs + expiryTimeInMinutes * 60_000
}

/**
 * Takes an amount from a session's limit before anything is signed.
 *
 * @returns a function that gives the amount back.
 * @throws AwsFault ValidationException if less than the amount is left.
 */
export function spend(session: Session, dollars: bigint, nowMs: number): () => void {
  if (session.limit !== undefined && session.spent + dollars > session.limit) {
    throw refused(`The amount exceeds the remaining budget of payment session ${session.id}`)
  }
  session.spent += dollars
  session.updatedAtMs = nowMs
  return () => {
    session.spent -= dollars
  }
}

function found(
  world: World,
  call: Call,
  input: { paymentManagerArn: string; userId?: string | undefined; paymentSessionId: string },
): Session {
  const session = sessionOf(world, ownerOf(world, call, input), input.paymentSessionId)
  if (session !== undefined) return session
  throw notFound(`Payment session not found: ${input.paymentSessionId}`)
}

function isOf({ manager, userId }: Owner, session: Session): boolean {
  return session.managerArn === manager.arn && session.userId === userId
}

function readLimit(text: string): bigint {
  const limit = parseDollars(text)
  if (limit !== undefined && limit > 0n) return limit
  const message = 'Member must be a decimal number greater than 0, e.g. 1.00'
  throw invalid([{ name: 'limits.maxSpendAmount.value', message }])
}

function described(session: Session) {
  const { limit, limitText, spent } = session
  const updatedAt = iso(session.updatedAtMs)
  const limits = limit !== undefined && {
    limits: { maxSpendAmount: { value: limitText, currency: 'USD' } },
    availableLimits: {
      availableSpendAmount: { value: formatDollars(limit - spent), currency: 'USD' },
      updatedAt,
    },
  }
  return {
    paymentSessionId: session.id,
    paymentManagerArn: session.managerArn,
    limits: undefined,
    availableLimits: undefined,
    ...limits,
    userId: session.userId,
    expiryTimeInMinutes: session.expiryTimeInMinutes,
    createdAt: iso(session.createdAtMs),
    updatedAt,
  }
}
