import {
  createInterceptor,
  createLambdaHandler,
  type Interceptor,
  type InterceptorHandler,
} from './interceptor.js'
import type { InterceptorOptions } from './options/interceptor-options.js'
import type { SellerPayments } from '../nevermined/facilitator.js'

/** Options of `Payments.agentcore`: those of `createInterceptor` without `payments` and `facilitator`. */
export type AgentCoreOptions = DistributiveOmit<InterceptorOptions, 'payments' | 'facilitator'>

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** The members of `Payments.agentcore`. */
export interface AgentCore {
  /**
   * `createInterceptor` with this client as `payments`.
   *
   * @throws OptionsError naming the option that is wrong.
   */
  createInterceptor(options: AgentCoreOptions): Interceptor
  /**
   * `createLambdaHandler` with this client as `payments`.
   *
   * @throws OptionsError naming the option that is wrong.
   */
  createLambdaHandler(options: AgentCoreOptions): InterceptorHandler
}

export function createAgentCore(payments: SellerPayments): AgentCore {
  const selling = (options: AgentCoreOptions) =>
    ({ ...options, payments, facilitator: undefined }) as InterceptorOptions
  return Object.freeze({
    createInterceptor: (options: AgentCoreOptions) => createInterceptor(selling(options)),
    createLambdaHandler: (options: AgentCoreOptions) => createLambdaHandler(selling(options)),
  })
}
