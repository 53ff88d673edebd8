import type { Context } from 'aws-lambda'
import type { PhaseState } from './phases/phase-state.js'
import { createHandoff } from './phases/handoff.js'
import { splitOptions, type InterceptorOptions } from './options/interceptor-options.js'
import type { HttpInterceptorOutput, InterceptorOutput } from '../wire/gateway-events.js'
import { createOnce } from '../time/once.js'
import { canForward, toOutput } from './events/output.js'
import { parse } from './events/parse.js'
import { onRequest } from './phases/request-phase.js'
import { rpcError } from './reply/respond.js'
import { onResponse } from './phases/response-phase.js'
import { toSettings } from './options/settings.js'
import { GATEWAY } from './events/gateway.js'
import { createVault } from './phases/handoff-store.js'

/** What AgentCore Gateway calls before and after its targets. */
export interface Interceptor {
  /** Answers events of both phases, of MCP and HTTP targets. Never rejects. */
  readonly handle: (
    event: unknown,
    context?: Context,
  ) => Promise<InterceptorOutput | HttpInterceptorOutput>
}

/** An interceptor as a Lambda handler. */
export type InterceptorHandler = Interceptor['handle']

/**
 * Sells what is behind a Gateway, in its two calls: parse → price → verify before the target, settle →
 * respond after it. Attach one Lambda to both interception points, with `passRequestHeaders: true` on both.
 *
 * What is delivered is settled once, at most for what was verified, and withheld where it cannot be. Payments are
 * taken out of what is forwarded. A response whose request was verified nowhere is verified then: what reaches
 * the buyer is paid, even where only the response point is attached.
 *
 * With `flow: 'upfront'` the request phase settles, and the response phase never does: both points have to be
 * attached. Where the response phase is not shown the changed request, it needs `store` to say that a refund is
 * due.
 *
 * @example
 * const interceptor = createInterceptor({ payments, planId: 'plan-123', tools: { 'Files___list': 'free' } })
 * export const handler = interceptor.handle
 * @throws OptionsError if an option is wrong, naming it.
 */
export function createInterceptor(options: InterceptorOptions): Interceptor {
  const { selling, secret, store } = splitOptions(options)
  const settings = toSettings(selling)
  const { verifyTimeoutMs: timeoutMs, logger, now } = settings
  const state: PhaseState = {
    settings,
    handoff: createHandoff(createVault({ secret, store, timeoutMs, logger, now }), settings),
    settleOnce: createOnce(MAX_REMEMBERED),
    refundOnce: createOnce(MAX_REMEMBERED),
  }
  return { handle: (event, context) => handle(event, context, state) }
}

/** As {@link createInterceptor}, for a Lambda that is nothing else. */
export function createLambdaHandler(options: InterceptorOptions): InterceptorHandler {
  return createInterceptor(options).handle
}

/** Settlements, and refunds, that a container remembers, for responses that the Gateway hands over again. */
const MAX_REMEMBERED = 1_000

type GatewayOutput = InterceptorOutput | HttpInterceptorOutput

async function handle(
  event: unknown,
  context: Context | undefined,
  state: PhaseState,
): Promise<GatewayOutput> {
  // A context that names a tool is a Lambda target's; an interceptor has none to answer for.
  const parsed = parse(event, undefined, state.settings)
  const { transport, delivered } = parsed
  if (!canForward(transport)) {
    return toOutput(null, GATEWAY, rpcError(-32600, 'no known event shape')) as GatewayOutput
  }
  try {
    const output =
      delivered === undefined
        ? await onRequest(state, parsed, context)
        : await onResponse(state, { event, parsed, delivered }, context)
    return output as GatewayOutput
  } catch {
    return toOutput(null, transport, rpcError(-32603, 'Internal error', 500)) as GatewayOutput
  }
}
