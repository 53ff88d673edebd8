import { createInterceptor, requiresPayment, type InterceptorOptions } from '../../../src/index.js'
import type { RequiresPaymentOptions } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { SHOP } from '../../seller/money/support/x402-payments.js'
import { SLOW_MS } from '../afflictions.js'
import { callAtSeller, callIn } from './doors.js'
import { MAX_CREDITS } from './workshop.js'
import type { LambdaContext } from './lambda-context.js'
import { isPair, railOf, type CallPlan } from '../plan.js'
import type { Container, World } from '../world.js'

/** A Lambda of the seller. */
export type Handle = (event: unknown, context: LambdaContext) => Promise<unknown>

/** What has to be the same for calls that are sold by the same Lambda. */
export type ShopTerms = Pick<
  CallPlan,
  'door' | 'flow' | 'credit' | 'isSlow' | 'repeatsByRequestId' | 'namesCalls'
>

/** More options of a seller. */
export type Selling = (terms: ShopTerms) => object

/** Instances of one container: two wrappers that were made with the same options. */
export const INSTANCES_EACH = 2

/** The Lambdas of one lane, made when they are first called. */
export class Shops {
  readonly #world: World
  readonly #selling: Selling
  readonly #made = new Map<string, Handle>()

  constructor(world: World, selling: Selling) {
    this.#world = world
    this.#selling = selling
  }

  get instances(): number {
    return this.#world.containers.length * INSTANCES_EACH
  }

  containerOf(instance: number): Container {
    const { containers } = this.#world
    const container = containers[instance % containers.length]
    if (container === undefined) throw new Error('there is no container')
    return container
  }

  handleOf(terms: ShopTerms, instance: number): Handle {
    const { door, flow, credit, isSlow, repeatsByRequestId, namesCalls } = terms
    const sold = railOf(credit) === 'plan' ? 'plan' : credit
    const { generation } = this.containerOf(instance)
    const options = [isSlow, repeatsByRequestId, namesCalls]
    const key = [door, flow, sold, ...options, instance, generation].join()
    const handle = this.#made.get(key) ?? this.#make(terms, instance)
    this.#made.set(key, handle)
    return handle
  }

  #make(terms: ShopTerms, instance: number): Handle {
    const world = this.#world
    const container = this.containerOf(instance)
    const { store, ...memory } = container.memory
    const sold = optionsOf(world, container, terms)
    const options = { ...sold, ...memory, ...this.#selling(terms) }
    if (isPair(terms.door)) {
      const shared = { secret: SECRET, ...(terms.door !== 'pair' && { store }) }
      const all = { ...options, ...shared } as unknown as InterceptorOptions
      return createInterceptor(all).handle as unknown as Handle
    }
    const isPlain = terms.door === 'plain http'
    const handler = async (event: object, context: unknown): Promise<unknown> => {
      const done = await container.life.reach('work', () =>
        world.workshop.run(callIn(event), context as LambdaContext),
      )
      return isPlain ? plainAnswer(done) : done
    }
    const wrapped = requiresPayment(handler as never, options as unknown as RequiresPaymentOptions)
    return wrapped as unknown as Handle
  }
}

const SECRET = 'a secret of the seller, 32 bytes or more'
const nothing = (): void => undefined
const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing }

function optionsOf({ local }: World, container: Container, terms: ShopTerms): object {
  const { flow, credit, door, isSlow } = terms
  const limitMs = SLOW_MS / 2
  return {
    ...(railOf(credit) === 'plan'
      ? inCredits(local, container, terms)
      : inMoney(local, container, credit)),
    logger: SILENT,
    flow,
    settleReserveMs: 100,
    // A machine with too much to do is no fault.
    verifyTimeoutMs: 30_000,
    ...(door === 'plain http' && { httpEvents: 'http' }),
    ...(isSlow && { settleTimeoutMs: limitMs }),
  }
}

function inCredits(
  local: Local,
  { payments }: Container,
  { repeatsByRequestId: retrySettleByRequestId, namesCalls }: ShopTerms,
): object {
  const named = namesCalls ? { idempotencyKey: callAtSeller } : {}
  const sold = { planId: local.planId, credits: MAX_CREDITS }
  return { payments, ...sold, retrySettleByRequestId, ...named }
}

function inMoney(local: Local, { facilitator }: Container, credit: string): object {
  const { network } = local.x402
  const scheme = credit === 'upto' ? { scheme: 'upto' } : {}
  const price = { price: '$0.01', payTo: SHOP, network, maxTimeoutSeconds: 3_600 }
  return { ...price, facilitators: [facilitator], ...scheme }
}

/** As a handler behind a Function URL answers over plain HTTP. */
function plainAnswer({ isError, content }: { isError?: boolean; content?: unknown[] }): object {
  const headers = { 'Content-Type': 'application/json' }
  return { statusCode: isError === true ? 500 : 200, headers, body: JSON.stringify(content) }
}
