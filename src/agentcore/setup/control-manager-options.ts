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
export interface UpdatePaymentManagerOptions extends UpdatePaymentManagerRequest, WaitOptions {}
export interface DeletePaymentManagerOptions
  extends DeletePaymentManagerRequest,
    DeletionWaitOptions {}

export type CreatedPaymentManager = AwsAnswer<CreatePaymentManagerResponse>
export type PaymentManagerDetails = AwsAnswer<GetPaymentManagerResponse>
export type UpdatedPaymentManager = AwsAnswer<UpdatePaymentManagerResponse>
export type PaymentManagerSummary = AwsAnswer<AwsSummary>
export interface PaymentManagerPage {
  paymentManagers: PaymentManagerSummary[]
  nextToken?: string
}
export interface DeletedPaymentManager {
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
