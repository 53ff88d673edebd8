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

/**
 * Options of `createPaymentConnector`: AWS's members, and how to wait.
 *
 * @see
 * https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_CreatePaymentConnector.html
 */
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
/**
 * Options of `updatePaymentConnector`: AWS's members, and how to wait.
 *
 * @see
 * https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_UpdatePaymentConnector.html
 */
export interface UpdatePaymentConnectorOptions extends UpdatePaymentConnectorRequest, WaitOptions {}
/**
 * Options of `deletePaymentConnector`: AWS's members, and how to wait.
 *
 * @see
 * https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_DeletePaymentConnector.html
 */
export interface DeletePaymentConnectorOptions
  extends DeletePaymentConnectorRequest,
    DeletionWaitOptions {}

/** A connector as AWS answers. It has an `authorizationUrl` as long as somebody has to consent there. */
export type CreatedPaymentConnector = AwsAnswer<CreatePaymentConnectorResponse>
/** A connector as GetPaymentConnector answers. */
export type PaymentConnectorDetails = AwsAnswer<GetPaymentConnectorResponse>
/** A connector as UpdatePaymentConnector answers. After a wait, its status is `READY`. */
export type UpdatedPaymentConnector = AwsAnswer<UpdatePaymentConnectorResponse>
/** A connector as it stands in a list. */
export type PaymentConnectorSummary = AwsAnswer<AwsSummary>
/** One page of connectors, as ListPaymentConnectors answers. */
export interface PaymentConnectorPage {
  /** The connectors of this page. */
  paymentConnectors: PaymentConnectorSummary[]
  /** The token to fetch the next page with. It is absent on the last page. */
  nextToken?: string
}
/** What `deletePaymentConnector` returns. */
export interface DeletedPaymentConnector {
  /** The connector that was deleted. */
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
