import type {
  CreatePaymentManagerRequest,
  CreatePaymentManagerResponse,
  DeletePaymentManagerRequest,
  GetPaymentManagerRequest,
  GetPaymentManagerResponse,
  ListPaymentManagersRequest,
  PaymentManagerSummary as AwsSummary,
  UpdatePaymentManagerRequest,
  UpdatePaymentManagerResponse,
} from '@aws-sdk/client-bedrock-agentcore-control'
import type { Method } from './control-options.js'
import type { AwsAnswer } from '../aws/sdk-call.js'
import {
  DELETION_WAIT_OPTIONS,
  WAIT_OPTIONS,
  type DeletionWaitOptions,
  type WaitOptions,
} from './wait-options.js'

/**
 * Options of `createPaymentManager`: AWS's members, and how to wait.
 *
 * @see
 * https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_CreatePaymentManager.html
 */
export interface CreatePaymentManagerOptions
  extends Omit<CreatePaymentManagerRequest, 'authorizerType'>,
    WaitOptions {
  /**
   * Who may use the manager. `CUSTOM_JWT` needs an `authorizerConfiguration`.
   *
   * @default 'AWS_IAM'
   */
  authorizerType?: CreatePaymentManagerRequest['authorizerType']
}
/**
 * Options of `updatePaymentManager`: AWS's members, and how to wait.
 *
 * @see
 * https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_UpdatePaymentManager.html
 */
export interface UpdatePaymentManagerOptions extends UpdatePaymentManagerRequest, WaitOptions {}
/**
 * Options of `deletePaymentManager`: AWS's members, and how to wait.
 *
 * @see
 * https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_DeletePaymentManager.html
 */
export interface DeletePaymentManagerOptions
  extends DeletePaymentManagerRequest,
    DeletionWaitOptions {}

/** A manager as CreatePaymentManager answers. After a wait, its status is `READY`. */
export type CreatedPaymentManager = AwsAnswer<CreatePaymentManagerResponse>
/** A manager as GetPaymentManager answers. */
export type PaymentManagerDetails = AwsAnswer<GetPaymentManagerResponse>
/** A manager as UpdatePaymentManager answers. After a wait, its status is `READY`. */
export type UpdatedPaymentManager = AwsAnswer<UpdatePaymentManagerResponse>
/** A manager as it stands in a list. */
export type PaymentManagerSummary = AwsAnswer<AwsSummary>
/** One page of managers, as ListPaymentManagers answers. */
export interface PaymentManagerPage {
  /** The managers of this page. */
  paymentManagers: PaymentManagerSummary[]
  /** The token to fetch the next page with. It is absent on the last page. */
  nextToken?: string
}
/** What `deletePaymentManager` returns. */
export interface DeletedPaymentManager {
  /** The manager that was deleted. */
  paymentManagerId: string
  /** `DELETED` is no status of AWS. It says that the resource is gone. */
  status: string
}

export const CREATE_MANAGER: Method<CreatePaymentManagerRequest> = {
  name: 'createPaymentManager',
  members: {
    name: 'text',
    roleArn: 'text',
    authorizerType: 'optional',
    authorizerConfiguration: 'optional',
    description: 'optional',
    clientToken: 'optional',
    tags: 'optional',
    kmsKeyArn: 'optional',
  },
  waits: WAIT_OPTIONS,
}
export const GET_MANAGER: Method<GetPaymentManagerRequest> = {
  name: 'getPaymentManager',
  members: { paymentManagerId: 'text' },
}
export const LIST_MANAGERS: Method<ListPaymentManagersRequest> = {
  name: 'listPaymentManagers',
  members: {
    maxResults: 'optional',
    nextToken: 'optional',
  },
}
export const UPDATE_MANAGER: Method<UpdatePaymentManagerRequest> = {
  name: 'updatePaymentManager',
  members: {
    paymentManagerId: 'text',
    description: 'optional',
    authorizerType: 'optional',
    authorizerConfiguration: 'optional',
    roleArn: 'optional',
    clientToken: 'optional',
    kmsKeyArn: 'optional',
  },
  waits: WAIT_OPTIONS,
}
export const DELETE_MANAGER: Method<DeletePaymentManagerRequest> = {
  name: 'deletePaymentManager',
  members: {
    paymentManagerId: 'text',
    clientToken: 'optional',
  },
  waits: DELETION_WAIT_OPTIONS,
}
