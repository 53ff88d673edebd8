import {
  createConnector,
  deleteConnector,
  getConnector,
  listConnectors,
  updateConnector,
} from './connectors.js'
import * as shapes from './control-plane-shapes.js'
import {
  createProvider,
  deleteProvider,
  getProvider,
  listProviders,
  updateProvider,
} from './credential-providers.js'
import {
  createManager,
  deleteManager,
  getManager,
  listManagers,
  updateManager,
} from './managers.js'
import { does, type Operation } from '../world/operations.js'
import { rotateCredentials } from './rotate-credentials.js'

const MANAGERS = '/payments/managers'
const MANAGER = `${MANAGERS}/{paymentManagerId}`
const CONNECTOR = `${MANAGER}/connectors/{paymentConnectorId}`
const page = { maxResults: 'number', nextToken: 'text' } as const
const token = { clientToken: 'text' } as const

/** The operations of `bedrock-agentcore-control` that are about payments. */
export const CONTROL_PLANE: readonly Operation[] = [
  {
    name: 'CreatePaymentManager',
    method: 'POST',
    path: MANAGERS,
    status: 202,
    ...does(shapes.CreatePaymentManagerInput, createManager),
  },
  {
    name: 'GetPaymentManager',
    method: 'GET',
    path: MANAGER,
    status: 200,
    ...does(shapes.GetPaymentManagerInput, getManager),
  },
  {
    name: 'ListPaymentManagers',
    method: 'POST',
    path: '/payments/managers-list',
    status: 200,
    query: page,
    ...does(shapes.ListPaymentManagersInput, listManagers),
  },
  {
    name: 'UpdatePaymentManager',
    method: 'PATCH',
    path: MANAGER,
    status: 202,
    ...does(shapes.UpdatePaymentManagerInput, updateManager),
  },
  {
    name: 'DeletePaymentManager',
    method: 'DELETE',
    path: MANAGER,
    status: 202,
    query: token,
    ...does(shapes.DeletePaymentManagerInput, deleteManager),
  },
  {
    name: 'CreatePaymentConnector',
    method: 'POST',
    path: `${MANAGER}/connectors`,
    status: 202,
    ...does(shapes.CreatePaymentConnectorInput, createConnector),
  },
  {
    name: 'GetPaymentConnector',
    method: 'GET',
    path: CONNECTOR,
    status: 200,
    ...does(shapes.GetPaymentConnectorInput, getConnector),
  },
  {
    name: 'ListPaymentConnectors',
    method: 'POST',
    path: `${MANAGER}/connectors-list`,
    status: 200,
    query: page,
    ...does(shapes.ListPaymentConnectorsInput, listConnectors),
  },
  {
    name: 'UpdatePaymentConnector',
    method: 'PATCH',
    path: CONNECTOR,
    status: 202,
    ...does(shapes.UpdatePaymentConnectorInput, updateConnector),
  },
  {
    name: 'DeletePaymentConnector',
    method: 'DELETE',
    path: CONNECTOR,
    status: 202,
    query: token,
    ...does(shapes.DeletePaymentConnectorInput, deleteConnector),
  },
  {
    name: 'RotatePaymentConnectorCredentials',
    method: 'POST',
    path: `${CONNECTOR}/rotate-credentials`,
    status: 202,
    ...does(shapes.RotatePaymentConnectorCredentialsInput, rotateCredentials),
  },
  identity(
    'CreatePaymentCredentialProvider',
    201,
    does(shapes.CreatePaymentCredentialProviderInput, createProvider),
  ),
  identity(
    'GetPaymentCredentialProvider',
    200,
    does(shapes.NamedCredentialProviderInput, getProvider),
  ),
  identity(
    'ListPaymentCredentialProviders',
    200,
    does(shapes.ListPaymentCredentialProvidersInput, listProviders),
  ),
  identity(
    'UpdatePaymentCredentialProvider',
    200,
    does(shapes.UpdatePaymentCredentialProviderInput, updateProvider),
  ),
  identity(
    'DeletePaymentCredentialProvider',
    204,
    does(shapes.NamedCredentialProviderInput, deleteProvider),
  ),
]

function identity(name: string, status: number, done: Pick<Operation, 'shape' | 'run'>): Operation {
  return { name, method: 'POST', path: `/identities/${name}`, status, ...done }
}
