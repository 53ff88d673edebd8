import { AsyncLocalStorage } from 'node:async_hooks'
import type { Context } from 'aws-lambda'
import {
  type InterceptorOutput,
  type PaidHandler,
  createInterceptor,
  requiresPayment,
} from '../../../src/index.js'
import '../../../src/seller/payment/meet.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import { bothPhases, result } from '../../seller/phases/support/phases.js'
import { RuntimeContext } from '../../support/events.js'
import { TOOL, outcomeOf } from '../../support/outcome.js'
import { challengeOf, eventOf, silent, toolCall } from '../../support/seller.js'
import { storeOf } from './model-store.js'
import type { Call, Caller, Said, Shared } from './world.js'

/** How something is sold, and what is sent. */
export interface Modelled {
  door?: 'decorator' | 'interceptor'
  flow: 'authorization' | 'upfront'
  /** The argument of the call. */
  argument?: string
  /** Whether the first run of the handler fails. */
  failsFirst?: boolean
  /**
   * Whether a hook comes before verify. Then verify begins after the payment is claimed. Otherwise both
   * happen at once.
   */
  hasHook?: boolean
}

const NETWORK = 'eip155:84532'
const SCHEME = 'nvm:erc4337'
const PLAN = 'plan'
const USED = 'token_already_used'

/** A single-use token. Only a facilitator would check its signature. */
const TOKEN = encodeHeader({
  x402Version: 2,
  accepted: { scheme: SCHEME, network: NETWORK, planId: PLAN, extra: { version: '3' } },
  payload: { signature: '0x', authorization: { from: '0xbuyer', nonce: '1' } },
  extensions: {},
})

/** The call and the play that the seller's code works for. */
interface Asking {
  shared: Shared
  caller: Caller
}
const asking = new AsyncLocalStorage<Asking>()

/** The call that is being carried out. */
export const callerNow = (): Caller | undefined => asking.getStore()?.caller

function current(): Asking {
  const found = asking.getStore()
  if (found === undefined) throw new Error('nobody is asking')
  return found
}

/** One call through a door. Every step outside of it waits for the schedule. */
export function modelledCall({
  door = 'decorator',
  flow,
  argument = 'A',
  failsFirst = false,
  hasHook = false,
}: Modelled): Call {
  const options = {
    ...{ facilitator: FACILITATOR, scheme: SCHEME, network: NETWORK, planId: PLAN },
    ...{ flow, logger: silent, now: () => current().shared.ms, waitForAnswerMs: 0 },
    ...(hasHook && { onBeforeVerify: () => undefined }),
    paymentStore: STORE,
  }
  const work = (name: string): Promise<string | undefined> => worked(name, failsFirst)
  const sell = door === 'decorator' ? sellerOf(work, options) : gatewayOf(work, options)
  return async (shared, caller) => {
    const event = eventOf(toolCall(TOOL, { argument }), { 'payment-signature': TOKEN })
    return saidIn(await asking.run({ shared, caller }, () => sell(event)))
  }
}

/** The work of a handler or target. */
function worked(name: string, failsFirst: boolean): Promise<string | undefined> {
  const { shared, caller } = current()
  return caller.ask({
    name: 'run',
    carryOut: () => {
      shared.runs += 1
      return failsFirst && shared.runs === 1 ? undefined : `Hello! ${name}`
    },
  })
}

type Work = (name: string) => Promise<string | undefined>
type Event = Record<string, unknown>

function sellerOf(work: Work, options: object): (event: Event) => Promise<InterceptorOutput> {
  const handler: PaidHandler = async (event) => {
    const text = await work(argumentIn(event.mcp.gatewayRequest.body))
    if (text === undefined) throw new Error('failed')
    return text
  }
  return requiresPayment(handler, options as never)
}

function gatewayOf(work: Work, options: object): (event: Event) => Promise<InterceptorOutput> {
  const secret = 'a secret of the phases, long enough'
  const { handle } = createInterceptor({ ...options, secret } as never)
  const target = async (request: Parameters<ReturnType<typeof result>>[0]) => {
    const text = await work(argumentIn(request.body))
    const isError = text === undefined
    return result({ isError, content: [{ type: 'text', text: text ?? 'failed' }] })(request)
  }
  return async (event) => {
    const REQUEST_ID = `request ${current().caller.name}`
    const context = new RuntimeContext({ REQUEST_ID }) as unknown as Context
    return (await bothPhases(handle, event, target, { context })).output
  }
}

function argumentIn(body: unknown): string {
  const { params } = body as { params: { arguments: { argument: string } } }
  return params.arguments.argument
}

/** Charges a payment once. */
const FACILITATOR = {
  verifyPermissions() {
    const { shared, caller } = current()
    return caller.ask({
      name: 'verify',
      carryOut: () => (shared.isUsed ? { isValid: false, invalidReason: USED } : { isValid: true }),
    })
  },
  settlePermissions() {
    const { shared, caller } = current()
    return caller.ask({
      name: 'settle',
      carryOut: () => {
        if (shared.isUsed) return { success: false, errorReason: USED }
        shared.isUsed = true
        shared.charges += 1
        caller.charged += 1
        return { success: true, creditsRedeemed: '1', transaction: '0xabc', network: NETWORK }
      },
    })
  },
}

const STORE = storeOf(() => {
  const { shared, caller } = current()
  return { model: shared.store, ask: caller.ask }
})

function saidIn(output: InterceptorOutput): Said {
  return {
    outcome: outcomeOf(output),
    isChallenge: challengeOf(output) !== undefined,
    content: /Hello! (\w+)/.exec(JSON.stringify(output))?.[1],
  }
}
