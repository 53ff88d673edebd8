import type {
  DeletePaymentInstrumentResponse,
  GetPaymentInstrumentBalanceResponse,
  ListPaymentInstrumentsResponse,
  PaymentInstrument,
} from '@aws-sdk/client-bedrock-agentcore'
import type { Answer, CallOptions } from './control-plane.js'
import { requireTexts } from './input-checks.js'
import { pageOf, present, tokenOf, type ManagedCalls } from './managed-calls.js'
import { instrumentError } from './manager-errors.js'
import type {
  CreatePaymentInstrumentInput,
  DeletePaymentInstrumentInput,
  GetPaymentInstrumentBalanceInput,
  GetPaymentInstrumentInput,
  ListPaymentInstrumentsInput,
} from './operations.js'

/** The operations on instruments. */

export async function createInstrument(
  calls: ManagedCalls,
  input: CreatePaymentInstrumentInput,
  options?: CallOptions,
): Promise<Answer<PaymentInstrument>> {
  requireTexts(input, 'paymentConnectorId', 'paymentInstrumentType')
  const operation = 'CreatePaymentInstrument'
  const members = { ...input, ...calls.owner(input), ...tokenOf(input) }
  const { paymentInstrument } = await calls.call(
    operation,
    (sdk) => new sdk.CreatePaymentInstrumentCommand(members),
    options,
  )
  return present(paymentInstrument, operation)
}

export async function getInstrument(
  calls: ManagedCalls,
  input: GetPaymentInstrumentInput,
  options?: CallOptions,
): Promise<Answer<PaymentInstrument>> {
  requireTexts(input, 'paymentInstrumentId')
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

export async function listInstruments(
  calls: ManagedCalls,
  input: ListPaymentInstrumentsInput,
  options?: CallOptions,
): Promise<Answer<ListPaymentInstrumentsResponse>> {
  requireTexts(input)
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

export async function getBalance(
  calls: ManagedCalls,
  input: GetPaymentInstrumentBalanceInput,
  options?: CallOptions,
): Promise<Answer<GetPaymentInstrumentBalanceResponse>> {
  requireTexts(input, 'paymentConnectorId', 'paymentInstrumentId', 'chain', 'token')
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

export async function deleteInstrument(
  calls: ManagedCalls,
  input: DeletePaymentInstrumentInput,
  options?: CallOptions,
): Promise<Answer<DeletePaymentInstrumentResponse>> {
  requireTexts(input, 'paymentInstrumentId', 'paymentConnectorId')
  const members = { ...input, ...calls.owner(input) }
  return calls.call(
    'DeletePaymentInstrument',
    (sdk) => new sdk.DeletePaymentInstrumentCommand(members),
    options,
    instrumentError,
  )
}
