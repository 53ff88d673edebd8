import { randomUUID } from 'node:crypto'
import type {
  CreatePaymentConnectorRequest,
  DeletePaymentConnectorRequest,
  DeletePaymentConnectorResponse,
  GetPaymentConnectorRequest,
  ListPaymentConnectorsRequest,
} from '@aws-sdk/client-bedrock-agentcore-control'
import { OptionsError } from '../../errors/payment-error.js'
import { unreadable } from '../aws/aws-error.js'
import type { ControlCall, ControlPlane } from '../aws/control-plane.js'
import { checkOptions } from './control-options.js'
import {
  CREATE_CONNECTOR,
  DELETE_CONNECTOR,
  GET_CONNECTOR,
  LIST_CONNECTORS,
  UPDATE_CONNECTOR,
  type CreatedPaymentConnector,
  type CreatePaymentConnectorOptions,
  type DeletedPaymentConnector,
  type DeletePaymentConnectorOptions,
  type PaymentConnectorDetails,
  type PaymentConnectorPage,
  type PaymentConnectorSummary,
  type UpdatedPaymentConnector,
  type UpdatePaymentConnectorOptions,
} from './control-connector-options.js'
import { everyItem, PAGE_SIZE } from '../aws/pages.js'
import type { AwsAnswer, CallOptions } from '../aws/sdk-call.js'
import type { Wait } from './wait-options.js'
import { GONE, untilGone, untilReady, type Watched } from './waiting.js'

export async function createPaymentConnector(
  plane: ControlPlane,
  options: CreatePaymentConnectorOptions,
  { abortSignal }: CallOptions = {},
): Promise<CreatedPaymentConnector> {
  const { input, wait } = checkOptions(CREATE_CONNECTOR, options, abortSignal)
  const isQuick = input.provisionMode === 'QUICK_CREATE'
  if (!isQuick && !Array.isArray(input.credentialProviderConfigurations)) {
    throw new OptionsError('credentialProviderConfigurations', 'required, except with QUICK_CREATE')
  }
  if (isQuick) checkQuickCreate(wait)
  const created = await requestPaymentConnector(plane, input, { abortSignal })
  if (!wait.isWanted) return created
  return readyPaymentConnector(plane, input.paymentManagerId, created, wait)
}

/** @throws OptionsError if nobody would see the URL at which somebody has to consent. */
export function checkQuickCreate({ isWanted, onProgress }: Wait): void {
  if (!isWanted || onProgress !== undefined) return
  const why = 'it is given the authorizationUrl, where somebody has to consent'
  throw new OptionsError('onProgress', `required with waitForReady and QUICK_CREATE: ${why}`)
}

/** Sends the request to create it, and does not wait. */
export async function requestPaymentConnector(
  plane: ControlPlane,
  options: CreatePaymentConnectorRequest,
  call: ControlCall,
): Promise<CreatedPaymentConnector> {
  const { credentialProviderConfigurations = [], clientToken = randomUUID() } = options
  const input = { ...options, credentialProviderConfigurations, clientToken }
  return plane.call(
    'CreatePaymentConnector',
    (sdk) => new sdk.CreatePaymentConnectorCommand(input),
    { ...call, required: ['paymentConnectorId', 'status'] },
  )
}

type Begun = Pick<CreatedPaymentConnector, 'paymentConnectorId' | 'status' | 'authorizationUrl'>

export async function readyPaymentConnector<T extends Begun>(
  plane: ControlPlane,
  paymentManagerId: string | undefined,
  begun: T,
  wait: Wait,
): Promise<T> {
  const watched = watchedConnector(plane, paymentManagerId, begun)
  const ready = await untilReady(watched, wait, plane.clock)
  const all = { ...begun, ...ready }
  delete all.authorizationUrl // It is of no use any more.
  return all
}

function watchedConnector(
  plane: ControlPlane,
  paymentManagerId: string | undefined,
  { paymentConnectorId, status, authorizationUrl }: Begun,
): Watched<PaymentConnectorDetails> {
  const input = { paymentManagerId, paymentConnectorId }
  const look = (abortSignal: AbortSignal) => lookUpPaymentConnector(plane, input, { abortSignal })
  const first = { status, ...(authorizationUrl !== undefined && { authorizationUrl }) }
  return { resource: 'paymentConnector', id: paymentConnectorId, first, look }
}

export async function getPaymentConnector(
  plane: ControlPlane,
  options: GetPaymentConnectorRequest,
  call: CallOptions = {},
): Promise<PaymentConnectorDetails> {
  const { input } = checkOptions(GET_CONNECTOR, options)
  return lookUpPaymentConnector(plane, input, call)
}

export async function lookUpPaymentConnector(
  plane: ControlPlane,
  input: GetPaymentConnectorRequest,
  call: ControlCall,
): Promise<PaymentConnectorDetails> {
  return plane.call('GetPaymentConnector', (sdk) => new sdk.GetPaymentConnectorCommand(input), {
    ...call,
    required: ['status'],
  })
}

/** @returns one page, of 100 at most by default */
export async function listPaymentConnectors(
  plane: ControlPlane,
  options: ListPaymentConnectorsRequest,
  call: ControlCall = {},
): Promise<PaymentConnectorPage> {
  const { input } = checkOptions(LIST_CONNECTORS, options)
  const command = { ...input, maxResults: input.maxResults ?? PAGE_SIZE }
  const operation = 'ListPaymentConnectors'
  const page = await plane.call(
    operation,
    (sdk) => new sdk.ListPaymentConnectorsCommand(command),
    call,
  )
  if (!Array.isArray(page.paymentConnectors)) throw unreadable(operation)
  return page as PaymentConnectorPage
}

export async function* iteratePaymentConnectors(
  plane: ControlPlane,
  options: ListPaymentConnectorsRequest,
  call: ControlCall = {},
): AsyncGenerator<PaymentConnectorSummary, void> {
  const turn = async (nextToken: string | undefined) => {
    const page = await listPaymentConnectors(plane, { ...options, nextToken }, call)
    return { items: page.paymentConnectors, nextToken: page.nextToken }
  }
  yield* everyItem('ListPaymentConnectors', options, turn)
}

export async function updatePaymentConnector(
  plane: ControlPlane,
  options: UpdatePaymentConnectorOptions,
  { abortSignal }: CallOptions = {},
): Promise<UpdatedPaymentConnector> {
  const { input, wait } = checkOptions(UPDATE_CONNECTOR, options, abortSignal)
  const command = { ...input, clientToken: input.clientToken ?? randomUUID() }
  const updated = await plane.call(
    'UpdatePaymentConnector',
    (sdk) => new sdk.UpdatePaymentConnectorCommand(command),
    { abortSignal, required: ['paymentConnectorId', 'status'] },
  )
  if (!wait.isWanted) return updated
  return readyPaymentConnector(plane, input.paymentManagerId, updated, wait)
}

export async function deletePaymentConnector(
  plane: ControlPlane,
  options: DeletePaymentConnectorOptions,
  { abortSignal }: CallOptions = {},
): Promise<DeletedPaymentConnector> {
  const { input, wait } = checkOptions(DELETE_CONNECTOR, options, abortSignal)
  const paymentConnectorId = input.paymentConnectorId ?? ''
  const { status } = await removePaymentConnector(plane, input, { abortSignal })
  if (!wait.isWanted) return { paymentConnectorId, status }
  const watched = watchedConnector(plane, input.paymentManagerId, { paymentConnectorId, status })
  await untilGone(watched, wait, plane.clock)
  return { paymentConnectorId, status: GONE }
}

/** Sends the request to delete it, and does not wait. */
export async function removePaymentConnector(
  plane: ControlPlane,
  options: DeletePaymentConnectorRequest,
  call: ControlCall,
): Promise<AwsAnswer<DeletePaymentConnectorResponse>> {
  const { paymentManagerId, paymentConnectorId, clientToken = randomUUID() } = options
  const input = { paymentManagerId, paymentConnectorId, clientToken }
  return plane.call(
    'DeletePaymentConnector',
    (sdk) => new sdk.DeletePaymentConnectorCommand(input),
    { ...call, required: ['status'] },
  )
}
