import type {
  DeletePaymentSessionResponse,
  ListPaymentSessionsResponse,
  PaymentSession,
} from '@aws-sdk/client-bedrock-agentcore'
import { checkMembers, type Members } from './input-checks.js'
import { pageOf, present, tokenOf, type ManagedCalls } from './managed-calls.js'
import { sessionCreationError, sessionError } from './manager-errors.js'
import type {
  CreatePaymentSessionInput,
  DeletePaymentSessionInput,
  GetPaymentSessionInput,
  ListPaymentSessionsInput,
} from '../aws/operations.js'
import type { AwsAnswer, CallOptions } from '../aws/sdk-call.js'

/** The operations on sessions. */

const CREATE: Members<CreatePaymentSessionInput> = {
  userId: 'any',
  clientToken: 'any',
  expiryTimeInMinutes: 'any',
  limits: 'any',
}

export async function createSession(
  calls: ManagedCalls,
  input: CreatePaymentSessionInput,
  options?: CallOptions,
): Promise<AwsAnswer<PaymentSession>> {
  checkMembers(input, CREATE)
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

const ONE: Members<GetPaymentSessionInput & DeletePaymentSessionInput> = {
  userId: 'any',
  paymentSessionId: 'text',
}

export async function getSession(
  calls: ManagedCalls,
  input: GetPaymentSessionInput,
  options?: CallOptions,
): Promise<AwsAnswer<PaymentSession>> {
  checkMembers(input, ONE)
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

const LIST: Members<ListPaymentSessionsInput> = {
  userId: 'any',
  maxResults: 'any',
  nextToken: 'any',
}

export async function listSessions(
  calls: ManagedCalls,
  input: ListPaymentSessionsInput,
  options?: CallOptions,
): Promise<AwsAnswer<ListPaymentSessionsResponse>> {
  checkMembers(input, LIST)
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
): Promise<AwsAnswer<DeletePaymentSessionResponse>> {
  checkMembers(input, ONE)
  const members = { ...input, ...calls.owner(input) }
  return calls.call(
    'DeletePaymentSession',
    (sdk) => new sdk.DeletePaymentSessionCommand(members),
    options,
    sessionError,
  )
}
