import type { Context } from 'aws-lambda'
import { inCall } from '../errors/in-call.js'
import type { HttpInterceptorOutput, InterceptorOutput } from '../wire/gateway-events.js'
import { splitOptions, type InterceptorOptions } from './options/interceptor-options.js'
import { withPrices } from './with-prices.js'
import { toSettings } from './options/to-settings.js'

/** What AgentCore Gateway calls before and after its targets. */
export interface Interceptor {
  /** Answers the events of both phases, for MCP and HTTP targets. Never rejects. */
  readonly handle: (
    event: unknown,
    context?: Context,
  ) => Promise<InterceptorOutput | HttpInterceptorOutput>
}

/** An interceptor as a Lambda handler. */
export type InterceptorHandler = Interceptor['handle']

/**
 * Sells what is behind a Gateway, in the Gateway's two calls. Before the target: parse → price → verify.
 * After it: settle → respond. Attach one Lambda to both interception points, with `passRequestHeaders: true`
 * on both.
 *
 * A result that is delivered is settled once, at most for the verified amount. It is withheld if it cannot be
 * settled. Payments are taken out of the forwarded request. If a request was not verified before the target,
 * it is verified with its response. So what reaches the buyer is paid even if only the response point is
 * attached.
 *
 * With `flow: 'upfront'` the request phase settles, and the response phase never does. Both points have to be
 * attached then. If the Gateway does not show the changed request to the response phase, that phase needs
 * `store` to say that a refund is due.
 *
 * @example
 * const interceptor = createInterceptor({ payments, planId: 'plan-123', tools: { 'Files___list': 'free' } })
 * export const handler = interceptor.handle
 * @throws OptionsError naming the option that is wrong.
 */
export function createInterceptor(options: InterceptorOptions): Interceptor {
  return created('createInterceptor', options)
}

function created(call: string, options: InterceptorOptions): Interceptor {
  const { settings, shared } = inCall(call, { ...options, options }, () => {
    const { selling, ...shared } = splitOptions(options)
    return { settings: toSettings(selling), shared }
  })
  // Loading begins here, in the Lambda's INIT. A bundle that only wraps a handler does not load the phases.
  const loading = import('./phases/two-phases.js').then(({ createPhases }) =>
    createPhases(settings, shared),
  )
  // A failed import is reported when the first event awaits it.
  loading.catch(() => undefined)
  const handle: InterceptorHandler = async (event, context) => (await loading)(event, context)
  return { handle: withPrices(handle, settings, 'interceptor') }
}

/** Like {@link createInterceptor}, for a Lambda that does nothing else. */
export function createLambdaHandler(options: InterceptorOptions): InterceptorHandler {
  return created('createLambdaHandler', options).handle
}
