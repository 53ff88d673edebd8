import { inCall } from '../errors/in-call.js'
import type {
  CreatePaymentCredentialProviderRequest,
  DeletePaymentCredentialProviderRequest,
  GetPaymentConnectorRequest,
  GetPaymentCredentialProviderRequest,
  GetPaymentManagerRequest,
  ListPaymentConnectorsRequest,
  ListPaymentCredentialProvidersRequest,
  ListPaymentManagersRequest,
} from '@aws-sdk/client-bedrock-agentcore-control'
import { openControlClient } from './aws/control-client.js'
import type {
  CreatedPaymentConnector,
  CreatePaymentConnectorOptions,
  DeletedPaymentConnector,
  DeletePaymentConnectorOptions,
  PaymentConnectorDetails,
  PaymentConnectorPage,
  PaymentConnectorSummary,
  UpdatedPaymentConnector,
  UpdatePaymentConnectorOptions,
} from './setup/control-connector-options.js'
import * as connectors from './setup/control-connectors.js'
import type {
  CreatedPaymentManager,
  CreatePaymentManagerOptions,
  DeletedPaymentManager,
  DeletePaymentManagerOptions,
  PaymentManagerDetails,
  PaymentManagerPage,
  PaymentManagerSummary,
  UpdatedPaymentManager,
  UpdatePaymentManagerOptions,
} from './setup/control-manager-options.js'
import * as managers from './setup/control-managers.js'
import { createControlPlane, type ControlPlane } from './aws/control-plane.js'
import * as providers from './setup/credential-providers.js'
import type {
  ManagerWithConnector,
  ManagerWithConnectorOptions,
} from './setup/manager-with-connector-options.js'
import { createPaymentManagerWithConnector } from './setup/manager-with-connector.js'
import { checkClientOptions, type PaymentClientOptions } from './setup/payment-client-options.js'
import type { CallOptions } from './aws/sdk-call.js'

/**
 * Sets up AgentCore payments: payment managers, their connectors to vendors of wallets, and the credential
 * providers that keep the vendors' keys. It pays nothing; `PaymentManager` pays.
 *
 * Needs `@aws-sdk/client-bedrock-agentcore-control`, which is loaded with the first call. Members are named
 * as AWS names them, in options and answers.
 *
 * Every method throws nothing but these:
 * - {@link OptionsError}: an option is wrong. No call was made.
 * - {@link AwsError} with `code` `aws.<Name>`: AWS refused.
 * - {@link PaymentError}: no answer came.
 * - the reason of the signal that ended the call.
 *
 * Methods that create or update wait with `waitForReady: true`, those that delete with
 * `waitForDeletion: true`. A method that waits also throws {@link ResourceFailed}, {@link WaitTimeout}, or,
 * if `onProgress` throws, a {@link PaymentError} with code `hook_refused`.
 *
 * A client token is made for every call that takes one, and is kept while the SDK repeats the call. Give a
 * token of your own to repeat a call yourself.
 *
 * Coming from the Python library: its `providerType` is `type` here, its `updatedAt` is `lastUpdatedAt`.
 *
 * @example
 * const client = new PaymentClient({ region: 'us-west-2' })
 * const { paymentManagerArn } = await client.createPaymentManager({
 *   name: 'research',
 *   roleArn: 'arn:aws:iam::123456789012:role/payments',
 *   waitForReady: true,
 * })
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/payments-create-manager.html
 */
export class PaymentClient {
  readonly #plane: ControlPlane

  /**
   * The default region is that of AWS_REGION, AWS_DEFAULT_REGION or the profile, else us-west-2.
   *
   * @throws OptionsError naming the option that is unknown or not of its kind
   */
  constructor(options: PaymentClientOptions = {}) {
    const { connection, integrationSource, clock } = inCall('PaymentClient', options, () =>
      checkClientOptions(options),
    )
    this.#plane = createControlPlane(() => openControlClient(connection, integrationSource), clock)
  }

  /**
   * Creates a payment manager. It may still be `CREATING` when this returns, unless `waitForReady` is set.
   *
   * @throws OptionsError also if `authorizerType` is `CUSTOM_JWT` and `authorizerConfiguration` is missing
   */
  createPaymentManager(
    options: CreatePaymentManagerOptions,
    call?: CallOptions,
  ): Promise<CreatedPaymentManager> {
    return inCall('createPaymentManager', options, () =>
      managers.createPaymentManager(this.#plane, options, call),
    )
  }

  /** Reads a payment manager with its status. */
  getPaymentManager(
    options: GetPaymentManagerRequest,
    call?: CallOptions,
  ): Promise<PaymentManagerDetails> {
    return inCall('getPaymentManager', options, () =>
      managers.getPaymentManager(this.#plane, options, call),
    )
  }

  /**
   * Lists the payment managers of the account in the client's region.
   *
   * @returns one page, of 100 at most by default
   */
  listPaymentManagers(
    options?: ListPaymentManagersRequest,
    call?: CallOptions,
  ): Promise<PaymentManagerPage> {
    return inCall('listPaymentManagers', options, () =>
      managers.listPaymentManagers(this.#plane, options, call),
    )
  }

  /** Every manager. Each page is fetched when it is needed. */
  iteratePaymentManagers(
    options?: ListPaymentManagersRequest,
    call?: CallOptions,
  ): AsyncGenerator<PaymentManagerSummary, void> {
    return managers.iteratePaymentManagers(this.#plane, options, call)
  }

  /** Updates a payment manager. Only the members that are given are sent. */
  updatePaymentManager(
    options: UpdatePaymentManagerOptions,
    call?: CallOptions,
  ): Promise<UpdatedPaymentManager> {
    return inCall('updatePaymentManager', options, () =>
      managers.updatePaymentManager(this.#plane, options, call),
    )
  }

  /** Deletes a manager. AWS refuses with a ConflictException as long as it has connectors. */
  deletePaymentManager(
    options: DeletePaymentManagerOptions,
    call?: CallOptions,
  ): Promise<DeletedPaymentManager> {
    return inCall('deletePaymentManager', options, () =>
      managers.deletePaymentManager(this.#plane, options, call),
    )
  }

  /**
   * With `provisionMode: 'QUICK_CREATE'` somebody has to open the `authorizationUrl` of the answer. With
   * `waitForReady`, `onProgress` is given that URL.
   */
  createPaymentConnector(
    options: CreatePaymentConnectorOptions,
    call?: CallOptions,
  ): Promise<CreatedPaymentConnector> {
    return inCall('createPaymentConnector', options, () =>
      connectors.createPaymentConnector(this.#plane, options, call),
    )
  }

  /** Reads a connector with its status. */
  getPaymentConnector(
    options: GetPaymentConnectorRequest,
    call?: CallOptions,
  ): Promise<PaymentConnectorDetails> {
    return inCall('getPaymentConnector', options, () =>
      connectors.getPaymentConnector(this.#plane, options, call),
    )
  }

  /**
   * Lists the connectors of a payment manager.
   *
   * @returns one page, of 100 at most by default
   */
  listPaymentConnectors(
    options: ListPaymentConnectorsRequest,
    call?: CallOptions,
  ): Promise<PaymentConnectorPage> {
    return inCall('listPaymentConnectors', options, () =>
      connectors.listPaymentConnectors(this.#plane, options, call),
    )
  }

  /** Every connector of a manager. Each page is fetched when it is needed. */
  iteratePaymentConnectors(
    options: ListPaymentConnectorsRequest,
    call?: CallOptions,
  ): AsyncGenerator<PaymentConnectorSummary, void> {
    return connectors.iteratePaymentConnectors(this.#plane, options, call)
  }

  /** Updates a connector. Only the members that are given are sent. */
  updatePaymentConnector(
    options: UpdatePaymentConnectorOptions,
    call?: CallOptions,
  ): Promise<UpdatedPaymentConnector> {
    return inCall('updatePaymentConnector', options, () =>
      connectors.updatePaymentConnector(this.#plane, options, call),
    )
  }

  /** Deletes a connector. It may still be `DELETING` when this returns, unless `waitForDeletion` is set. */
  deletePaymentConnector(
    options: DeletePaymentConnectorOptions,
    call?: CallOptions,
  ): Promise<DeletedPaymentConnector> {
    return inCall('deletePaymentConnector', options, () =>
      connectors.deletePaymentConnector(this.#plane, options, call),
    )
  }

  /**
   * Creates a credential provider. AWS takes no client token here. Names are unique, so a repeated call is
   * refused with a ConflictException.
   */
  createPaymentCredentialProvider(
    options: CreatePaymentCredentialProviderRequest,
    call?: CallOptions,
  ): Promise<providers.CreatedCredentialProvider> {
    return inCall('createPaymentCredentialProvider', options, () =>
      providers.createPaymentCredentialProvider(this.#plane, options, call),
    )
  }

  /** Reads a credential provider by its name. */
  getPaymentCredentialProvider(
    options: GetPaymentCredentialProviderRequest,
    call?: CallOptions,
  ): Promise<providers.CredentialProviderDetails> {
    return inCall('getPaymentCredentialProvider', options, () =>
      providers.getPaymentCredentialProvider(this.#plane, options, call),
    )
  }

  /**
   * Lists the credential providers of the account in the client's region.
   *
   * @returns one page, of 20 at most by default
   */
  listPaymentCredentialProviders(
    options?: ListPaymentCredentialProvidersRequest,
    call?: CallOptions,
  ): Promise<providers.CredentialProviderPage> {
    return inCall('listPaymentCredentialProviders', options, () =>
      providers.listPaymentCredentialProviders(this.#plane, options, call),
    )
  }

  /** Deletes a credential provider. It is gone when this returns. */
  deletePaymentCredentialProvider(
    options: DeletePaymentCredentialProviderRequest,
    call?: CallOptions,
  ): Promise<void> {
    return inCall('deletePaymentCredentialProvider', options, () =>
      providers.deletePaymentCredentialProvider(this.#plane, options, call),
    )
  }

  /**
   * Makes a credential provider, a manager and a connector, in this order. If anything goes wrong or the
   * signal aborts, everything that was made is deleted again. That takes up to two minutes more. If an answer
   * was lost, a resource is deleted only if it is proven to be of this call. The others are listed in
   * `leftovers`.
   *
   * The manager is always waited for, since only a manager that is READY takes a connector. `waitForReady` is
   * about the connector. `maxWait` is for each of the two.
   *
   * @throws OptionsError before any call
   * @throws PaymentManagerCreationFailed with the first error as `cause`, and what could not be deleted
   */
  createPaymentManagerWithConnector(
    options: ManagerWithConnectorOptions,
    call?: CallOptions,
  ): Promise<ManagerWithConnector> {
    return inCall('createPaymentManagerWithConnector', options, () =>
      createPaymentManagerWithConnector(this.#plane, options, call),
    )
  }
}
