import { setTimeout as sleep } from 'node:timers/promises'
import { SLOW_MS, takesLong } from './afflictions.js'
import { NOTHING, read, type Answer, type Challenge, type Raw } from './answers.js'
import { newIdentifier, sign, type Payment } from './buyer.js'
import { GATEWAY, PLAIN_URL, RPC_URL, type Sent } from './selling/doors.js'
import { throughGateway } from './selling/gateways.js'
import type { History, Said, Visit } from './history.js'
import { LambdaContext } from './selling/lambda-context.js'
import { CALM, isPair, type CallPlan, type Step } from './plan.js'
import { KILLED, type Life } from './sharing/life.js'
import { LEASE_OVER_MS } from './sharing/outages.js'
import { LAST } from './sharing/shared-plan.js'
import { Shops, type Handle, type Selling } from './selling/shops.js'
import { endContainer, type World } from './world.js'

/** A buyer signs no more often than this for one call. */
const MAX_PAYMENTS = 3
/** Unit: ms. */
const LAMBDA_MS = 60_000
/** Enough to start a handler, and over soon. Unit: ms. */
const SHORT_LAMBDA_MS = 2_600

/** Plays calls one after the other. */
export class Lane {
  readonly #world: World
  readonly #shops: Shops
  readonly #challenges = new Map<string, Challenge>()

  constructor(world: World, selling: Selling) {
    this.#world = world
    this.#shops = new Shops(world, selling)
  }

  /** One call, from the first payment to the last answer. */
  async play(plan: CallPlan): Promise<History> {
    this.#setClocks(plan)
    const identifier = plan.identifier === 'none' ? undefined : newIdentifier()
    const signNext = (challenge: Challenge): Promise<Payment> =>
      sign(this.#world, plan, challenge, plan.identifier === 'new' ? newIdentifier() : identifier)
    const payments = [await signNext(await this.#challengeOf(plan))]
    const visits: Visit[] = []
    for (const step of plan.steps) {
      const payment = payments.at(-1) as Payment
      const visit = await this.#visit(plan, step, { payment, last: visits.at(-1) })
      visits.push(visit)
      const answers = receivedIn(visit)
      if (answers.some(({ kind }) => kind === 'delivery')) break
      const challenge = answers.find((answer) => answer.challenge !== undefined)?.challenge
      if (challenge === undefined) continue
      if (payments.length === MAX_PAYMENTS) break
      payments.push(await signNext(challenge))
    }
    await this.#reuse(plan, visits)
    await this.#tryAfterRestart(plan, visits)
    await this.#tryAtLast(plan, visits)
    this.#world.ledgers.forgetCalls()
    return { plan, payments, visits }
  }

  /** What a buyer tries with a payment that has bought something. */
  async #reuse(plan: CallPlan, visits: Visit[]): Promise<void> {
    const bought = visits.at(-1)
    if (bought === undefined) return
    if (!receivedIn(bought).some(({ kind }) => kind === 'delivery')) return
    const { payment } = bought
    for (const [index, { call, step }] of plan.reuses.entries()) {
      const named = call === 'another call' ? `${plan.id}-other${index}` : undefined
      visits.push(await this.#visit(plan, step, { payment, last: visits.at(-1), call: named }))
    }
  }

  /** A buyer who had no answer comes back, or one who had tries again. */
  async #tryAfterRestart(plan: CallPlan, visits: Visit[]): Promise<void> {
    const { afterRestart: step } = plan
    const last = visits.at(-1)
    if (step === undefined || last === undefined) return
    endContainer(this.#world, this.#shops.containerOf(step.instance))
    visits.push(await this.#visit(plan, step, { payment: last.payment, last }))
  }

  /** With a table that all containers share, a buyer who comes back often enough gets an end of it. */
  async #tryAtLast(plan: CallPlan, visits: Visit[]): Promise<void> {
    const last = visits.at(-1)
    if (this.#world.table === undefined || last === undefined) return
    this.#setClocks({ skews: [] })
    const { payment, said } = last
    const call = said[0]?.call
    if (hasEnd(last) && plan.id % 4 > 0) return
    // The first visit may find a claim that somebody left, and gives it up.
    for (const step of [LAST, CALM]) {
      const visit = await this.#visit(plan, step, { payment, last: visits.at(-1), call })
      visits.push(visit)
      if (hasEnd(visit)) return
    }
  }

  #setClocks({ skews }: Pick<CallPlan, 'skews'>): void {
    for (const [at, container] of this.#world.containers.entries())
      container.skewMs = skews[at] ?? 0
  }

  async #visit(plan: CallPlan, step: Step, { payment, last, call }: Coming): Promise<Visit> {
    const { script, workshop, ledgers, clock, table } = this.#world
    const named = call ?? String(plan.id)
    const chargedBefore = ledgers.chargesOf(payment.key)
    const { life } = this.#shops.containerOf(step.instance)
    clock.pass(step.outage.passesMs)
    script.begin(step)
    workshop.begin(step.work)
    table?.begin(step.outage.table)
    life.begin(step.outage.halt)
    const calls = { once: [named], twice: [named, named] }
    const all = step.sent === 'beside another call' ? [named, `${named}-beside`] : calls[step.sent]
    const sending = Promise.all(
      all.map((one) => this.#send(plan, step, { call: one, payment, carrier: plan.carrier })),
    )
    const freezing = this.#afterFrozen(plan, step, { payment, life, call: named })
    await Promise.race([sending, freezing])
    // A call whose time is up is answered though its container stands still at a request. The other one goes on.
    const isFrozen = step.outage.halt?.kind === 'frozen before' && life.haltedAt !== undefined
    const said = [...(isFrozen ? await freezing : []), ...(await sending)]
    if (life.isKilled) {
      await life.landed()
      endContainer(this.#world, this.#shops.containerOf(step.instance))
    }
    // What a facilitator was slow with is done by then.
    if (script.hits.some(takesLong)) await sleep(SLOW_MS)
    const visit = {
      ...{ payment, step, said, chargedBefore },
      isNewCall: last?.payment !== payment || isNewCall(plan, last, named),
      hits: script.hits.map(({ name }) => name),
      outages: [
        ...(table?.hits.map(({ fault, step: at }) => ({ kind: fault, at })) ?? []),
        ...(life.haltedAt === undefined
          ? []
          : [{ kind: step.outage.halt?.kind ?? '', at: life.haltedAt }]),
      ],
      chargedAfter: ledgers.chargesOf(payment.key),
    }
    // What has not happened by now does not happen on another visit.
    life.begin(undefined)
    table?.begin(new Map())
    return visit
  }

  /** While a container stands still, another one gets the payment when the lease is over. Then the first goes on. */
  async #afterFrozen(
    plan: CallPlan,
    step: Step,
    { payment, life, call }: Freezing,
  ): Promise<Said[]> {
    await life.frozen
    this.#world.clock.pass(LEASE_OVER_MS)
    const instance = this.#otherThan(step.instance)
    const elsewhere: Step = { ...step, ...CALM_WAYS, instance }
    const said = await this.#send(plan, elsewhere, { call, payment, carrier: plan.carrier })
    const chargedThen = this.#world.ledgers.chargesOf(payment.key)
    life.thaw()
    return [{ ...said, chargedThen }]
  }

  async #send(plan: CallPlan, step: Step, sent: Sent): Promise<Said> {
    const { life } = this.#shops.containerOf(step.instance)
    const sending = isPair(plan.door)
      ? this.#sendThroughGateway(plan, step, sent)
      : this.#sendToWrapper(plan, step, sent)
    const raw = await Promise.race([sending, life.killed])
    const answer = raw === undefined || raw === KILLED ? NOTHING : read(raw)
    return { call: sent.call, answer, isLost: step.isLost && answer !== NOTHING }
  }

  #sendThroughGateway(plan: CallPlan, step: Step, sent: Sent): Promise<Raw | undefined> {
    const { workshop } = this.#world
    const here = this.#shops.handleOf(plan, step.instance)
    const elsewhere = this.#shops.handleOf(plan, this.#otherThan(step.instance))
    const responses: Record<Step['response'], Handle[]> = {
      here: [here],
      elsewhere: [elsewhere],
      'here, twice': [here, here],
      // The Gateway gives up a call after 900 s, and hands nothing over again that was frozen for longer.
      'here, then elsewhere':
        step.outage.halt?.kind === 'frozen before' ? [here] : [here, elsewhere],
      dies: [here],
    }
    const REQUEST_ID = newIdentifier()
    const gateway = {
      ...{ door: plan.door, workshop },
      requests: step.isRequestRepeated ? [here, here] : [here],
      responses: responses[step.response],
      context: () => new LambdaContext(LAMBDA_MS, { REQUEST_ID }),
    }
    return throughGateway(gateway, step, sent)
  }

  /** Where the work hangs, Lambda ends the container. */
  async #sendToWrapper(plan: CallPlan, step: Step, sent: Sent): Promise<Raw | undefined> {
    const door = WRAPPERS[plan.door]
    const hangs = step.work === 'hangs'
    const limitMs = hangs ? SHORT_LAMBDA_MS : LAMBDA_MS
    const handle = this.#shops.handleOf(plan, step.instance)
    const event: unknown = JSON.parse(JSON.stringify(door.event(sent)))
    const answering = handle(event, new LambdaContext(limitMs))
    const output = await (hangs
      ? Promise.race([answering, sleep(limitMs, ENDED, { ref: false })])
      : answering)
    if (output !== ENDED) return door.read(output)
    const container = this.#shops.containerOf(step.instance)
    container.life.end()
    await container.life.landed()
    endContainer(this.#world, container)
    return undefined
  }

  #otherThan(instance: number): number {
    return (instance + 1) % this.#shops.instances
  }

  /** What the seller asks for. It is always the same, so that buyers need not ask again. */
  async #challengeOf(plan: CallPlan): Promise<Challenge> {
    const key = [plan.door, plan.flow, plan.credit].join()
    const known = this.#challenges.get(key)
    if (known !== undefined) return known
    this.#world.script.begin(CALM)
    const unpaid: Sent = { call: 'unpaid', carrier: plan.carrier }
    for (let tries = 0; tries < 5; tries++) {
      const { challenge } = (await this.#send(plan, CALM, unpaid)).answer
      if (challenge !== undefined) {
        this.#challenges.set(key, challenge)
        return challenge
      }
      // A machine with too much to do: what could not be looked up is not looked up again at once.
      await sleep(3_000)
    }
    throw new Error(`nothing is asked for at ${key}`)
  }
}

/** Whether a call with a reusable token is another purchase than what the buyer came for before. */
function isNewCall({ isShared, namesCalls }: CallPlan, { said }: Visit, call: string): boolean {
  const before = said.filter((one) => one.call === call)
  // A shared table knows a named call again, whatever became of it.
  if (isShared && namesCalls) return before.length === 0
  return !before.some(({ answer, isLost }) => answer.saysUnknown && !isLost)
}

/** Who comes with what. */
interface Coming {
  payment: Payment
  last: Visit | undefined
  /** Default: the call of the plan. */
  call?: string | undefined
}

/** A call whose container stands still. */
interface Freezing {
  payment: Payment
  life: Life
  call: string
}

/** How a call comes that nothing happens to. */
const CALM_WAYS = { sent: 'once', isRequestRepeated: false, response: 'here' } as const

const ENDED = Symbol('Lambda has ended the invocation')
const WRAPPERS = {
  gateway: GATEWAY,
  'function url': RPC_URL,
  'plain http': PLAIN_URL,
  // These are no wrappers.
  pair: GATEWAY,
  'stored pair': GATEWAY,
  'http pair': GATEWAY,
}

/** Whether the buyer knows what became of the payment. */
function hasEnd(visit: Visit): boolean {
  return receivedIn(visit).some(({ kind, saysPaid }) => kind === 'delivery' || saysPaid)
}

/** What the buyer has got. */
function receivedIn({ said }: Visit): Answer[] {
  return said.filter(({ isLost }) => !isLost).map(({ answer }) => answer)
}
