import type { Context } from 'aws-lambda'
import { canForward, toOutput } from '../events/output.js'
import { parse } from '../events/parse.js'
import { GATEWAY } from '../events/gateway.js'
import { asError } from '../../errors/payment-error.js'
import { noteDoor } from '../../logger.js'
import type { SplitOptions } from '../options/interceptor-options.js'
import type { Settings } from '../options/settings.js'
import { rpcError } from '../reply/respond.js'
import type { HttpInterceptorOutput, InterceptorOutput } from '../../wire/gateway-events.js'
import { createHandoff } from './handoff.js'
import { createVault } from './handoff-store.js'
import type { PhaseState } from './phase-state.js'
import { createResponseWatch } from './response-watch.js'
import { onRequest } from './request-phase.js'
import { onResponse } from './response-phase.js'

type GatewayOutput = InterceptorOutput | HttpInterceptorOutput

/** Answers the events of both phases. Never rejects. */
export type Phases = (event: unknown, context: Context | undefined) => Promise<GatewayOutput>

export function createPhases(
  settings: Settings,
  { secret, store }: Pick<SplitOptions, 'secret' | 'store'>,
): Phases {
  const { verifyTimeoutMs: timeoutMs, logger, now } = settings
  const state: PhaseState = {
    settings,
    handoff: createHandoff(createVault({ secret, store, timeoutMs, logger, now }), settings),
    watch: createResponseWatch(logger, now),
  }
  return (event, context) => answerEvent(state, event, context)
}

async function answerEvent(
  state: PhaseState,
  event: unknown,
  context: Context | undefined,
): Promise<GatewayOutput> {
  noteDoor('createInterceptor')
  // A context that names a tool belongs to a Lambda target. An interceptor has none.
  const parsed = await parse(event, undefined, state.settings)
  const { transport, delivered } = parsed
  state.watch.check()
  if (!canForward(transport)) {
    const answer = await toOutput(null, GATEWAY, rpcError(-32600, 'the event has no known shape'))
    return answer as GatewayOutput
  }
  if (delivered === undefined) state.watch.requested()
  try {
    const output =
      delivered === undefined
        ? await onRequest(state, parsed, context, event)
        : await onResponse(state, { event, parsed, delivered }, context)
    return output as GatewayOutput
  } catch (error) {
    state.settings.logger.error('internal error', { error: asError(error) })
    const answer = await toOutput(null, transport, rpcError(-32603, 'Internal error', 500))
    return answer as GatewayOutput
  }
}
