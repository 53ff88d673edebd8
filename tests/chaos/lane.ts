import { setTimeout as sleep } from 'node:timers/promises'
import { SLOW_MS, takesLong } from './afflictions.js'
import { NOTHING, read, type Answer, type Challenge, type Raw } from './answers.js'
import { newIdentifier, sign, type Payment } from './buyer.js'
import { GATEWAY, PLAIN_URL, RPC_URL, type Sent } from './selling/doors.js'
import { throughGateway } from './selling/gateways.js'
import type { History, Said, Visit } from './history.js'
import { LambdaContext } from './selling/lambda-context.js'
import { CALM, isPair, type CallPlan, type Step } from './plan.js'
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
    endContainer(this.#shops.containerOf(step.instance))
    visits.push(await this.#visit(plan, step, { payment: last.payment, last }))
  }

  async #visit(plan: CallPlan, step: Step, { payment, last, call }: Coming): Promise<Visit> {
    const { script, workshop, ledgers } = this.#world
    const named = call ?? String(plan.id)
    const chargedBefore = ledgers.chargesOf(payment.key)
    script.begin(step)
    workshop.begin(step.work)
    const calls = { once: [named], twice: [named, named] }
    const all = step.sent === 'beside another call' ? [named, `${named}-beside`] : calls[step.sent]
    const said = await Promise.all(
      all.map((one) => this.#send(plan, step, { call: one, payment, carrier: plan.carrier })),
    )
    // What a facilitator was slow with is done by then.
    if (script.hits.some(takesLong)) await sleep(SLOW_MS)
    const isSame = last?.payment === payment && last.said[0]?.call === named
    const wasOpen = isSame && receivedIn(last).some(({ saysUnknown }) => saysUnknown)
    return {
      ...{ payment, step, said, chargedBefore },
      isNewCall: !wasOpen,
      hits: script.hits.map(({ name }) => name),
      chargedAfter: ledgers.chargesOf(payment.key),
    }
  }

  async #send(plan: CallPlan, step: Step, sent: Sent): Promise<Said> {
    const raw = isPair(plan.door)
      ? await this.#sendThroughGateway(plan, step, sent)
      : await this.#sendToWrapper(plan, step, sent)
    const answer = raw === undefined ? NOTHING : read(raw)
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
      'here, then elsewhere': [here, elsewhere],
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
    endContainer(this.#shops.containerOf(step.instance))
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

/** Who comes with what. */
interface Coming {
  payment: Payment
  last: Visit | undefined
  /** Default: the call of the plan. */
  call?: string | undefined
}

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

/** What the buyer has got. */
function receivedIn({ said }: Visit): Answer[] {
  return said.filter(({ isLost }) => !isLost).map(({ answer }) => answer)
}
