import {
  UNREADABLE,
  failureOfAnswer,
  failureOfTransport,
  formOf,
} from '../errors/facilitator-failure.js'
import { type FacilitatorFailure, PaymentsError } from '../errors/payments-error.js'
import type { TransportAnswer } from '../http/transport.js'
import { parseJson } from '../wire/json.js'
import { type AskedApi, backendMistake } from './backend-mistake.js'

/** A request of the API, and how often it may be sent. */
interface Asked extends AskedApi {
  readonly repeatable: boolean
  readonly correlationId: string
}

/**
 * The error of a request that got no answer, or another answer than the endpoint promises. If it comes from a
 * mistake in the setup, it says so in words.
 */
export function failureOf(answer: TransportAnswer, asked: Asked): PaymentsError {
  const failure = factsOf(answer, asked.repeatable)
  const mistake = backendMistake(failure, asked)
  return new PaymentsError({ ...failure, mistake, correlationId: asked.correlationId })
}

function factsOf(answer: TransportAnswer, isRepeatable: boolean): FacilitatorFailure {
  if ('failure' in answer) return failureOfTransport(answer)
  const { status, text } = answer
  if (status >= 200 && status <= 299) {
    return { ...UNREADABLE, httpStatus: status, detail: formOf(answer) }
  }
  const failure = failureOfAnswer(status, parseJson(text), isRepeatable)
  // A code of Nevermined's own came with an answer that was read.
  return failure.code === `http_${status}` ? { ...failure, detail: formOf(answer) } : failure
}
