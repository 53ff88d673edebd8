import type {
  DeletePaymentInstrumentResponse,
  GetPaymentInstrumentBalanceResponse,
  ListPaymentInstrumentsResponse,
  PaymentInstrument,
} from '@aws-sdk/client-bedrock-agentcore'
import { checkMembers, type Members } from './input-checks.js'
import { pageOf, present, tokenOf, type ManagedCalls } from './managed-calls.js'
import { instrumentError } from './manager-errors.js'
import type {
  CreatePaymentInstrumentInput,
  DeletePaymentInstrumentInput,
  GetPaymentInstrumentBalanceInput,
  GetPaymentInstrumentInput,
  ListPaymentInstrumentsInput,
} from '../aws/operations.js'
import type { AwsAnswer, CallOptions } from '../aws/sdk-call.js'

/** The operations on instruments. */

const CREATE: Members<CreatePaymentInstrumentInput> = {
  userId: 'any',
  clientToken: 'any',
  paymentConnectorId: 'text',
  paymentInstrumentType: 'text',
  paymentInstrumentDetails: 'any',
}

export async function createInstrument(
  calls: ManagedCalls,
  input: CreatePaymentInstrumentInput,
  options?: CallOptions,
): Promise<AwsAnswer<PaymentInstrument>> {
  checkMembers(input, CREATE)
  const operation = 'CreatePaymentInstrument'
  const members = { ...input, ...calls.owner(input), ...tokenOf(input) }
  const { paymentInstrument } = await calls.call(
    operation,
    (sdk) => new sdk.CreatePaymentInstrumentCommand(members),
    options,
  )
  return present(paymentInstrument, operation)
}

const GET: Members<GetPaymentInstrumentInput> = {
  userId: 'any',
  paymentInstrumentId: 'text',
  paymentConnectorId: 'any',
}

export async function getInstrument(
  calls: ManagedCalls,
  input: GetPaymentInstrumentInput,
  options?: CallOptions,
): Promise<AwsAnswer<PaymentInstrument>> {
  checkMembers(input, GET)
  const operation = 'GetPaymentInstrument'
  const members = { ...input, ...calls.owner(input) }
  const { paymentInstrument } = await calls.call(
    operation,
    (sdk) => new sdk.GetPaymentInstrumentCommand(members),
    options,
    instrumentError,
  )
  return present(paymentInstrument, operation)
}

const LIST: Members<ListPaymentInstrumentsInput> = {
  userId: 'any',
  paymentConnectorId: 'any',
  maxResults: 'any',
  nextToken: 'any',
}

export async function listInstruments(
  calls: ManagedCalls,
  input: ListPaymentInstrumentsInput,
  options?: CallOptions,
): Promise<AwsAnswer<ListPaymentInstrumentsResponse>> {
  checkMembers(input, LIST)
  const operation = 'ListPaymentInstruments'
  const members = { ...input, ...pageOf(input), ...calls.owner(input) }
  const page = await calls.call(
    operation,
    (sdk) => new sdk.ListPaymentInstrumentsCommand(members),
    options,
  )
  present(page.paymentInstruments, operation)
  return page
}

const BALANCE: Members<GetPaymentInstrumentBalanceInput> = {
  userId: 'any',
  paymentConnectorId: 'text',
  paymentInstrumentId: 'text',
  chain: 'text',
  token: 'text',
}

export async function getBalance(
  calls: ManagedCalls,
  input: GetPaymentInstrumentBalanceInput,
  options?: CallOptions,
): Promise<AwsAnswer<GetPaymentInstrumentBalanceResponse>> {
  checkMembers(input, BALANCE)
  const operation = 'GetPaymentInstrumentBalance'
  const members = { ...input, ...calls.owner(input) }
  const balance = await calls.call(
    operation,
    (sdk) => new sdk.GetPaymentInstrumentBalanceCommand(members),
    options,
    instrumentError,
  )
  present(balance.tokenBalance, operation)
  return balance
}

const DELETE: Members<DeletePaymentInstrumentInput> = {
  userId: 'any',
  paymentConnectorId: 'text',
  paymentInstrumentId: 'text',
}

export async function deleteInstrument(
  calls: ManagedCalls,
  input: DeletePaymentInstrumentInput,
  options?: CallOptions,
): Promise<AwsAnswer<DeletePaymentInstrumentResponse>> {
  checkMembers(input, DELETE)
  const members = { ...input, ...calls.owner(input) }
  return calls.call(
    'DeletePaymentInstrument',
    (sdk) => new sdk.DeletePaymentInstrumentCommand(members),
    options,
    instrumentError,
  )
}
