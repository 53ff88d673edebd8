import type {
  DeletePaymentSessionResponse,
  ListPaymentSessionsResponse,
  PaymentSession,
} from '@aws-sdk/client-bedrock-agentcore'
import type { Answer, CallOptions } from './control-plane.js'
import { requireTexts } from './input-checks.js'
import { pageOf, present, tokenOf, type ManagedCalls } from './managed-calls.js'
import { sessionCreationError, sessionError } from './manager-errors.js'
import type {
  CreatePaymentSessionInput,
  DeletePaymentSessionInput,
  GetPaymentSessionInput,
  ListPaymentSessionsInput,
} from './operations.js'

/** The operations on sessions. */

export async function createSession(
  calls: ManagedCalls,
  input: CreatePaymentSessionInput,
  options?: CallOptions,
): Promise<Answer<PaymentSession>> {
  requireTexts(input)
  const operation = 'CreatePaymentSession'
  const members = { ...input, ...calls.owner(input), ...tokenOf(input) }
  const { paymentSession } = await calls.call(
    operation,
    (sdk) => new sdk.CreatePaymentSessionCommand(members),
    options,
    sessionCreationError,
  )
  return present(paymentSession, operation)
}

export async function getSession(
  calls: ManagedCalls,
  input: GetPaymentSessionInput,
  options?: CallOptions,
): Promise<Answer<PaymentSession>> {
  requireTexts(input, 'paymentSessionId')
  const operation = 'GetPaymentSession'
  const members = { ...input, ...calls.owner(input) }
  const { paymentSession } = await calls.call(
    operation,
    (sdk) => new sdk.GetPaymentSessionCommand(members),
    options,
    sessionError,
  )
  return present(paymentSession, operation)
}

export async function listSessions(
  calls: ManagedCalls,
  input: ListPaymentSessionsInput,
  options?: CallOptions,
): Promise<Answer<ListPaymentSessionsResponse>> {
  requireTexts(input)
  const operation = 'ListPaymentSessions'
  const members = { ...input, ...pageOf(input), ...calls.owner(input) }
  const page = await calls.call(
    operation,
    (sdk) => new sdk.ListPaymentSessionsCommand(members),
    options,
  )
  present(page.paymentSessions, operation)
  return page
}

export async function deleteSession(
  calls: ManagedCalls,
  input: DeletePaymentSessionInput,
  options?: CallOptions,
): Promise<Answer<DeletePaymentSessionResponse>> {
  requireTexts(input, 'paymentSessionId')
  const members = { ...input, ...calls.owner(input) }
  return calls.call(
    'DeletePaymentSession',
    (sdk) => new sdk.DeletePaymentSessionCommand(members),
    options,
    sessionError,
  )
}
