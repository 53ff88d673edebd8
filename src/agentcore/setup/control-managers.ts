import { randomUUID } from 'node:crypto'
import type {
  DeletePaymentManagerRequest,
  DeletePaymentManagerResponse,
  GetPaymentManagerRequest,
  ListPaymentManagersRequest,
} from '@aws-sdk/client-bedrock-agentcore-control'
import { OptionsError } from '../../errors/payment-error.js'
import { unreadable } from '../aws/aws-error.js'
import type { ControlCall, ControlPlane } from '../aws/control-plane.js'
import { checkOptions } from './control-options.js'
import {
  CREATE_MANAGER,
  DELETE_MANAGER,
  GET_MANAGER,
  LIST_MANAGERS,
  UPDATE_MANAGER,
  type CreatedPaymentManager,
  type CreatePaymentManagerOptions,
  type DeletedPaymentManager,
  type DeletePaymentManagerOptions,
  type PaymentManagerDetails,
  type PaymentManagerPage,
  type PaymentManagerSummary,
  type UpdatedPaymentManager,
  type UpdatePaymentManagerOptions,
} from './control-manager-options.js'
import { everyItem, PAGE_SIZE } from '../aws/pages.js'
import type { AwsAnswer, CallOptions } from '../aws/sdk-call.js'
import type { Wait } from './wait-options.js'
import { GONE, untilGone, untilReady, type Watched } from './waiting.js'

export async function createPaymentManager(
  plane: ControlPlane,
  options: CreatePaymentManagerOptions,
  { abortSignal }: CallOptions = {},
): Promise<CreatedPaymentManager> {
  const { input, wait } = checkOptions(CREATE_MANAGER, options, abortSignal)
  checkAuthorizer(input)
  const created = await requestPaymentManager(plane, input, { abortSignal })
  return wait.isWanted ? readyPaymentManager(plane, created, wait) : created
}

/** @throws OptionsError if tokens are to be taken, and no option says whose. */
export function checkAuthorizer({
  authorizerType,
  authorizerConfiguration,
}: Pick<CreatePaymentManagerOptions, 'authorizerType' | 'authorizerConfiguration'>): void {
  if (authorizerType !== 'CUSTOM_JWT' || authorizerConfiguration !== undefined) return
  throw new OptionsError('authorizerConfiguration', 'required with authorizerType CUSTOM_JWT')
}

/** Sends the request to create it, and does not wait. */
export async function requestPaymentManager(
  plane: ControlPlane,
  options: CreatePaymentManagerOptions,
  call: ControlCall,
): Promise<CreatedPaymentManager> {
  const { authorizerType = 'AWS_IAM', clientToken = randomUUID() } = options
  const input = { ...options, authorizerType, clientToken }
  return plane.call('CreatePaymentManager', (sdk) => new sdk.CreatePaymentManagerCommand(input), {
    ...call,
    required: ['paymentManagerId', 'paymentManagerArn', 'status'],
  })
}

export async function readyPaymentManager<T extends { paymentManagerId: string; status: string }>(
  plane: ControlPlane,
  begun: T,
  wait: Wait,
): Promise<T> {
  const watched = watchedManager(plane, begun.paymentManagerId, begun.status)
  return { ...begun, ...(await untilReady(watched, wait, plane.clock)) }
}

export async function getPaymentManager(
  plane: ControlPlane,
  options: GetPaymentManagerRequest,
  call: CallOptions = {},
): Promise<PaymentManagerDetails> {
  const { input } = checkOptions(GET_MANAGER, options)
  return lookUpPaymentManager(plane, input.paymentManagerId, call)
}

export async function lookUpPaymentManager(
  plane: ControlPlane,
  paymentManagerId: string | undefined,
  call: ControlCall,
): Promise<PaymentManagerDetails> {
  const input = { paymentManagerId }
  return plane.call('GetPaymentManager', (sdk) => new sdk.GetPaymentManagerCommand(input), {
    ...call,
    required: ['status'],
  })
}

/** @returns one page, of 100 at most by default */
export async function listPaymentManagers(
  plane: ControlPlane,
  options: ListPaymentManagersRequest = {},
  call: CallOptions = {},
): Promise<PaymentManagerPage> {
  const { input } = checkOptions(LIST_MANAGERS, options)
  const command = { ...input, maxResults: input.maxResults ?? PAGE_SIZE }
  const operation = 'ListPaymentManagers'
  const page = await plane.call(
    operation,
    (sdk) => new sdk.ListPaymentManagersCommand(command),
    call,
  )
  if (!Array.isArray(page.paymentManagers)) throw unreadable(operation)
  return page as PaymentManagerPage
}

export async function* iteratePaymentManagers(
  plane: ControlPlane,
  options: ListPaymentManagersRequest = {},
  call: ControlCall = {},
): AsyncGenerator<PaymentManagerSummary, void> {
  const turn = async (nextToken: string | undefined) => {
    const page = await listPaymentManagers(plane, { ...options, nextToken }, call)
    return { items: page.paymentManagers, nextToken: page.nextToken }
  }
  yield* everyItem('ListPaymentManagers', options, turn)
}

export async function updatePaymentManager(
  plane: ControlPlane,
  options: UpdatePaymentManagerOptions,
  { abortSignal }: CallOptions = {},
): Promise<UpdatedPaymentManager> {
  const { input, wait } = checkOptions(UPDATE_MANAGER, options, abortSignal)
  const command = { ...input, clientToken: input.clientToken ?? randomUUID() }
  const updated = await plane.call(
    'UpdatePaymentManager',
    (sdk) => new sdk.UpdatePaymentManagerCommand(command),
    { abortSignal, required: ['paymentManagerId', 'status'] },
  )
  return wait.isWanted ? readyPaymentManager(plane, updated, wait) : updated
}

export async function deletePaymentManager(
  plane: ControlPlane,
  options: DeletePaymentManagerOptions,
  { abortSignal }: CallOptions = {},
): Promise<DeletedPaymentManager> {
  const { input, wait } = checkOptions(DELETE_MANAGER, options, abortSignal)
  const paymentManagerId = input.paymentManagerId ?? ''
  const { status } = await removePaymentManager(plane, input, { abortSignal })
  if (!wait.isWanted) return { paymentManagerId, status }
  const watched = watchedManager(plane, paymentManagerId, status)
  await untilGone(watched, wait, plane.clock)
  return { paymentManagerId, status: GONE }
}

/** Sends the request to delete it, and does not wait. */
export async function removePaymentManager(
  plane: ControlPlane,
  { paymentManagerId, clientToken = randomUUID() }: DeletePaymentManagerRequest,
  call: ControlCall,
): Promise<AwsAnswer<DeletePaymentManagerResponse>> {
  const input = { paymentManagerId, clientToken }
  return plane.call('DeletePaymentManager', (sdk) => new sdk.DeletePaymentManagerCommand(input), {
    ...call,
    required: ['status'],
  })
}

function watchedManager(
  plane: ControlPlane,
  id: string,
  status: string,
): Watched<PaymentManagerDetails> {
  const look = (abortSignal: AbortSignal) => lookUpPaymentManager(plane, id, { abortSignal })
  return { resource: 'paymentManager', id, first: { status }, look }
}
