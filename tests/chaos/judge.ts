import type { History, Said, Visit } from './history.js'
import { NO_OUTAGE } from './sharing/outages.js'

/** What must never happen, in the order of the report. */
export const RULES = [
  'given away',
  'delivered more often than charged',
  'charged twice',
  'told "not charged" though charged',
  'challenged after a charge without delivery',
  'charged without an answer',
  'lost though charged',
  'left open by the worker',
  'record and ledger differ',
] as const
export type Rule = (typeof RULES)[number]

/** The rules that a call has broken. It is judged by the ledger and the answers alone. */
export function judge(history: History): Rule[] {
  const broken = new Set<Rule>()
  const { plan, payments } = history
  for (const payment of payments) {
    const visits = history.visits.filter((visit) => visit.payment === payment)
    const terms = { isReusable: payment.isReusable, isNamed: plan.namesCalls }
    for (const rule of judgePayment(terms, visits)) broken.add(rule)
  }
  if (isNameChargedTwice(history)) broken.add('charged twice')
  if (isLostThoughCharged(history)) broken.add('lost though charged')
  return RULES.filter((rule) => broken.has(rule))
}

function judgePayment(terms: Terms, visits: readonly Visit[]): Rule[] {
  const charges = visits.at(-1)?.chargedAfter ?? 0
  const delivered = deliveriesIn(visits)
  const purchases = purchasesOf(terms, visits)
  const found: [Rule, boolean][] = [
    ['given away', delivered > 0 && charges === 0],
    ['delivered more often than charged', charges > 0 && delivered > charges],
    ['charged twice', purchases.some(isChargedTwice)],
    ['told "not charged" though charged', purchases.some(isToldWrongly)],
    ['challenged after a charge without delivery', purchases.some(isChallengedAfterCharge)],
    ['charged without an answer', purchases.some(isUnanswered)],
  ]
  return found.filter(([, isSo]) => isSo).map(([rule]) => rule)
}

interface Terms {
  /** Whether the payment may pay for several calls. */
  isReusable: boolean
  /** Whether the seller tells a call that is sent twice from two calls. */
  isNamed: boolean
}

/** Visits that belong to one purchase. */
interface Purchase extends Terms {
  visits: readonly Visit[]
  /** Charges of earlier purchases with the same payment. */
  before: number
}

/**
 * A payment for one use is one purchase, whatever the buyer tries. With a reusable token every call is a new
 * one, unless it is the call before it once more, whose answer said that its outcome is unknown.
 */
function purchasesOf(terms: Terms, visits: readonly Visit[]): Purchase[] {
  if (!terms.isReusable) return [{ ...terms, visits, before: 0 }]
  const purchases: Visit[][] = []
  for (const visit of visits) {
    if (visit.isNewCall || purchases.length === 0) purchases.push([visit])
    else purchases.at(-1)?.push(visit)
  }
  return purchases.map((some) => ({
    ...terms,
    visits: some,
    before: some[0]?.chargedBefore ?? 0,
  }))
}

/** Calls at once with a reusable token are meant, unless the seller knows that they are one. */
function isChargedTwice({ isReusable, isNamed, visits, before }: Purchase): boolean {
  // Nothing but the record of its unknown outcome tells such a call from a new one.
  if (isReusable && !isNamed && visits.some(isUnwritten)) return false
  const charges = (visits.at(-1)?.chargedAfter ?? 0) - before
  if (!isReusable) return charges > 1
  const names = [...new Set(visits.flatMap(({ said }) => said.map(({ call }) => call)))]
  const meant = names.map((name) => (isNamed ? 1 : timesMeant(name, visits)))
  return charges > sum(meant)
}

/** How often the buyer wanted a call that nothing names: so often at once, or so often delivered. */
function timesMeant(name: string, visits: readonly Visit[]): number {
  const isMine = ({ call }: Said): boolean => call === name
  const atOnce = visits.map(({ said }) => said.filter(isMine).length)
  const contents = visits.flatMap((visit) =>
    contentsIn({ ...visit, said: visit.said.filter(isMine) }),
  )
  return Math.max(...atOnce, new Set(contents).size)
}

/**
 * A charge that nothing the buyer has got stands for: neither content nor a refund that is due. A charge of a reusable
 * token may be that of another call, whose outcome is unknown.
 */
function isOwed(purchase: Purchase, until: Visit, to: Said): boolean {
  const { visits, before, isReusable, isNamed } = purchase
  const seen = visits.slice(0, visits.indexOf(until) + 1)
  // Nothing but the record of its unknown outcome tells such a call from a new one.
  if (isReusable && !isNamed && seen.some(isUnwritten)) return false
  const got = seen.flatMap(({ said }) => said.filter(({ isLost }) => !isLost))
  const answered = got.filter(
    ({ answer: { kind } }) => kind === 'delivery' || kind === 'refund due',
  )
  return chargedWhen(until, to) - before > answered.length + othersOpen(purchase, until, got, to)
}

/** How many other calls may be charged to a reusable token. */
function othersOpen(
  { isReusable, isNamed }: Purchase,
  until: Visit,
  got: readonly Said[],
  to: Said,
): number {
  if (!isReusable) return 0
  const isOpen = ({ answer, isLost }: Said): boolean => answer.saysUnknown && !isLost
  // While the table is down, the response phase cannot say whether its call was charged.
  const isSilent = ({ answer }: Said): boolean =>
    until.outages.some(({ kind }) => /^down/.test(kind)) &&
    answer.kind === 'failure' &&
    !answer.saysNotCharged
  // The container of a call may be killed after its charge.
  const isGone = (one: Said): boolean => one.answer.kind === 'nothing' && until.said.includes(one)
  const mayBeOfOther = (one: Said): boolean => isOpen(one) || isSilent(one) || isGone(one)
  const others = got.filter((one) => mayBeOfOther(one) && one.call !== to.call)
  if (isNamed) return new Set(others.map(({ call }) => call)).size
  const mayBeCharged = (one: Said): boolean => isOpen(one) || isGone(one)
  const beside = until.said.filter((one) => mayBeCharged(one) && one.call === to.call && one !== to)
  return others.length + beside.length
}

/** For a payment that serves one use, the word is false from its charge on. */
function isToldWrongly(purchase: Purchase): boolean {
  return purchase.visits.some((visit) =>
    visit.said.some((said) => {
      if (said.isLost || !said.answer.saysNotCharged) return false
      return purchase.isReusable ? isOwed(purchase, visit, said) : chargedFor(visit, said) > 0
    }),
  )
}

/**
 * Copies may be sent at once. One fails, and the next is charged before the answer of the first arrives. An answer that
 * speaks of its own call alone is true then.
 */
function chargedFor(visit: Visit, to: Said): number {
  if (to.answer.speaksOfCall && visit.said.length > 1) return visit.chargedBefore
  return chargedWhen(visit, to)
}

/** How often the payment was charged when an answer was decided upon. */
function chargedWhen(visit: Visit, { chargedThen }: Said): number {
  return chargedThen ?? (wasReleased(visit) ? visit.chargedBefore : visit.chargedAfter)
}

/**
 * A call gave its payment up, the reply to that was lost, and its container was frozen before it asked again. Then the
 * payment was free, and whoever took it says nothing about this call.
 */
function wasReleased({ outages }: Visit): boolean {
  const isAt = (kind: string, at: string): boolean =>
    outages.some((one) => one.kind === kind && one.at === at)
  return ['TransactWriteItems', 'DeleteItem'].some(
    (removal) => isAt('reply lost', removal) && isAt('frozen before', `before ${removal}`),
  )
}

function isChallengedAfterCharge(purchase: Purchase): boolean {
  return purchase.visits.some((visit) =>
    visit.said.some((said) => {
      const { answer, isLost } = said
      return !isLost && answer.kind === 'challenge' && isOwed(purchase, visit, said)
    }),
  )
}

/** An answer that was lost on its way was given. A call that nothing names has no record when its container ends. */
function isUnanswered({ isReusable, isNamed, visits, before }: Purchase): boolean {
  const isForgotten = (visit: Visit): boolean => wasDropped(visit) || isUnwritten(visit)
  if (isReusable && !isNamed && visits.some(isForgotten)) return false
  const charged = (visits.at(-1)?.chargedAfter ?? 0) - before
  const since = visits.filter(({ chargedAfter }) => chargedAfter > before)
  const answers = since.flatMap(({ said }) => said).filter(isAnswer)
  return charged > 0 && answers.length === 0 && !isNotAskedFor(since)
}

/**
 * A container was killed in the call that was charged, and the buyer has not sent that call again. The buyer
 * sent nothing, or only the call beside it, which had another payment.
 */
function isNotAskedFor(since: readonly Visit[]): boolean {
  const [charged, ...later] = since
  if (charged === undefined || !wasDropped(charged)) return false
  const isOthers = ({ answer }: Said): boolean => answer.text.includes('belongs to another call')
  const wasBeside = charged.step.sent === 'beside another call'
  return later.every(({ said }) => wasBeside && said.every(isOthers))
}

function isAnswer({ answer }: Said): boolean {
  return answer.kind === 'delivery' || answer.saysPaid || answer.saysUnknown
}

/**
 * With a table that containers share, a buyer who comes back gets what was paid for, its receipt or a refund. A facilitator
 * of plans calls a payment used that it has charged, and the table shows that nobody else had it.
 */
function isLostThoughCharged({ plan, payments, visits }: History): boolean {
  if (!plan.isShared || plan.credit !== 'single-use token') return false
  return payments.some((payment) => {
    const mine = visits.filter((visit) => visit.payment === payment)
    const isCharged = (mine.at(-1)?.chargedAfter ?? 0) > 0
    const got = mine.flatMap(({ said }) => said.filter(({ isLost }) => !isLost))
    const hasGot = got.some(({ answer }) => answer.kind === 'delivery' || answer.saysPaid)
    // It may have paid for the call beside it, which the buyer does not ask for again.
    const isOthers = mine.some(({ step }) => step.sent === 'beside another call')
    const isLeft = isOthers || isGivenUp(mine)
    return isCharged && !hasGot && !isLeft && !mine.some(hasNoRecord)
  })
}

/**
 * Copies were sent at once. One was asked to pay, then the other was charged with an unknown outcome. The buyer paid
 * with another payment, and never came back with this one as it was told.
 */
function isGivenUp(visits: readonly Visit[]): boolean {
  const last = visits.at(-1)
  if (last === undefined || last.chargedBefore > 0) return false
  const got = last.said.filter(({ isLost }) => !isLost).map(({ answer }) => answer)
  return got.some(({ kind }) => kind === 'challenge') && got.some(({ saysUnknown }) => saysUnknown)
}

/** The table went down before the settle, which was sent all the same. It stays down for the rest of a visit. */
function hasNoRecord({ outages }: Visit): boolean {
  return outages.some(({ kind, at }) => /^down/.test(kind) && / (claimed|settling)$/.test(at))
}

/** A container was killed, or the Gateway lost a target, before there was an answer. */
function wasDropped({ said, step }: Visit): boolean {
  return step.outage !== NO_OUTAGE && said.some(({ answer }) => answer.kind === 'nothing')
}

/** How many things the buyer has got. What could not be written down may be made again for the same call. */
function deliveriesIn(visits: readonly Visit[]): number {
  const contents = new Set(visits.flatMap(contentsIn))
  if (!visits.some(isUnwritten)) return contents.size
  return new Set([...contents].map((content) => content.split(' ')[0])).size
}

/** The table was down, or no time was left for it. */
function isUnwritten({ outages, step }: Visit): boolean {
  const isDown = outages.some(({ kind }) => /^down/.test(kind))
  return isDown || (step.work === 'ends late' && step.outage !== NO_OUTAGE)
}

/** What the buyer has got for which call. The same run for the same call is the same thing. */
function contentsIn({ said }: Visit): string[] {
  return said
    .filter(({ answer, isLost }) => answer.run !== undefined && !isLost)
    .map(({ call, answer }) => `${call} ${answer.run}`)
}

/** One name is one purchase, however often it was signed. */
function isNameChargedTwice({ payments, visits }: History): boolean {
  const charges = new Map<string, number>()
  for (const payment of payments) {
    const { identifier } = payment
    if (identifier === undefined) continue
    const last = visits.filter((visit) => visit.payment === payment).at(-1)
    charges.set(identifier, (charges.get(identifier) ?? 0) + (last?.chargedAfter ?? 0))
  }
  return [...charges.values()].some((count) => count > 1)
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
