import type { Context } from 'aws-lambda'
import { inCall } from '../errors/in-call.js'
import type { HttpInterceptorOutput, InterceptorOutput } from '../wire/gateway-events.js'
import { splitOptions, type InterceptorOptions } from './options/interceptor-options.js'
import { toSettings } from './options/to-settings.js'

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
  return created('createInterceptor', options)
}

function created(call: string, options: InterceptorOptions): Interceptor {
  const { settings, shared } = inCall(call, { ...options, options }, () => {
    const { selling, ...shared } = splitOptions(options)
    return { settings: toSettings(selling), shared }
  })
  // Loaded from here on, in the Lambda's INIT. A bundle that wraps a handler does not load them.
  const loading = import('./phases/two-phases.js').then(({ createPhases }) =>
    createPhases(settings, shared),
  )
  // A failed import is reported when the first event awaits it.
  loading.catch(() => undefined)
  return { handle: async (event, context) => (await loading)(event, context) }
}

/** As {@link createInterceptor}, for a Lambda that is nothing else. */
export function createLambdaHandler(options: InterceptorOptions): InterceptorHandler {
  return created('createLambdaHandler', options).handle
}
