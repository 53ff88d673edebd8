import type {
  CreatePaymentConnectorRequest,
  CreatePaymentConnectorResponse,
  DeletePaymentConnectorRequest,
  GetPaymentConnectorRequest,
  GetPaymentConnectorResponse,
  ListPaymentConnectorsRequest,
  PaymentConnectorSummary as AwsSummary,
  UpdatePaymentConnectorRequest,
  UpdatePaymentConnectorResponse,
} from '@aws-sdk/client-bedrock-agentcore-control'
import type { Method } from './control-options.js'
import type { AwsAnswer } from '../aws/sdk-call.js'
import {
  DELETION_WAIT_OPTIONS,
  WAIT_OPTIONS,
  type DeletionWaitOptions,
  type WaitOptions,
} from './wait-options.js'

export interface CreatePaymentConnectorOptions
  extends Omit<CreatePaymentConnectorRequest, 'credentialProviderConfigurations'>,
    WaitOptions {
  /**
   * Required, save with `provisionMode: 'QUICK_CREATE'`, where AWS makes the credential provider.
   *
   * @default none
   */
  credentialProviderConfigurations?: CreatePaymentConnectorRequest['credentialProviderConfigurations']
}
export interface UpdatePaymentConnectorOptions extends UpdatePaymentConnectorRequest, WaitOptions {}
export interface DeletePaymentConnectorOptions
  extends DeletePaymentConnectorRequest,
    DeletionWaitOptions {}

/** A connector as AWS answers. It has an `authorizationUrl` as long as somebody has to consent there. */
export type CreatedPaymentConnector = AwsAnswer<CreatePaymentConnectorResponse>
export type PaymentConnectorDetails = AwsAnswer<GetPaymentConnectorResponse>
export type UpdatedPaymentConnector = AwsAnswer<UpdatePaymentConnectorResponse>
export type PaymentConnectorSummary = AwsAnswer<AwsSummary>
export interface PaymentConnectorPage {
  paymentConnectors: PaymentConnectorSummary[]
  nextToken?: string
}
export interface DeletedPaymentConnector {
  paymentConnectorId: string
  /** `DELETED` is no status of AWS. It says that the resource is gone. */
  status: string
}

export const CREATE_CONNECTOR: Method<CreatePaymentConnectorRequest> = {
  name: 'createPaymentConnector',
  members: {
    paymentManagerId: 'text',
    name: 'text',
    type: 'text',
    credentialProviderConfigurations: 'optional',
    provisionMode: 'optional',
    description: 'optional',
    clientToken: 'optional',
  },
  waits: WAIT_OPTIONS,
}
export const GET_CONNECTOR: Method<GetPaymentConnectorRequest> = {
  name: 'getPaymentConnector',
  members: {
    paymentManagerId: 'text',
    paymentConnectorId: 'text',
  },
}
export const LIST_CONNECTORS: Method<ListPaymentConnectorsRequest> = {
  name: 'listPaymentConnectors',
  members: {
    paymentManagerId: 'text',
    maxResults: 'optional',
    nextToken: 'optional',
  },
}
export const UPDATE_CONNECTOR: Method<UpdatePaymentConnectorRequest> = {
  name: 'updatePaymentConnector',
  members: {
    paymentManagerId: 'text',
    paymentConnectorId: 'text',
    description: 'optional',
    type: 'optional',
    credentialProviderConfigurations: 'optional',
    clientToken: 'optional',
  },
  waits: WAIT_OPTIONS,
}
export const DELETE_CONNECTOR: Method<DeletePaymentConnectorRequest> = {
  name: 'deletePaymentConnector',
  members: {
    paymentManagerId: 'text',
    paymentConnectorId: 'text',
    clientToken: 'optional',
  },
  waits: DELETION_WAIT_OPTIONS,
}
