import type {
  CreatePaymentCredentialProviderRequest,
  CreatePaymentCredentialProviderResponse,
  DeletePaymentCredentialProviderRequest,
  GetPaymentCredentialProviderRequest,
  GetPaymentCredentialProviderResponse,
  ListPaymentCredentialProvidersRequest,
  PaymentCredentialProviderItem,
} from '@aws-sdk/client-bedrock-agentcore-control'
import { unreadable } from '../aws/aws-error.js'
import type { ControlCall, ControlPlane } from '../aws/control-plane.js'
import { checkOptions, type Method } from './control-options.js'
import type { AwsAnswer, CallOptions } from '../aws/sdk-call.js'

/**
 * Credential providers keep the keys of a vendor of wallets, Coinbase or Privy. If a request with keys fails,
 * only the name of AWS's error goes into our error.
 */
export type CreatedCredentialProvider = AwsAnswer<CreatePaymentCredentialProviderResponse>
/** A credential provider as GetPaymentCredentialProvider answers. */
export type CredentialProviderDetails = AwsAnswer<GetPaymentCredentialProviderResponse>
/** A credential provider as it stands in a list. */
export type CredentialProviderSummary = AwsAnswer<PaymentCredentialProviderItem>
/** One page of credential providers, as ListPaymentCredentialProviders answers. */
export interface CredentialProviderPage {
  /** The credential providers of this page. */
  credentialProviders: CredentialProviderSummary[]
  /** The token to fetch the next page with. It is absent on the last page. */
  nextToken?: string
}

const CREATE: Method<CreatePaymentCredentialProviderRequest> = {
  name: 'createPaymentCredentialProvider',
  members: {
    name: 'text',
    credentialProviderVendor: 'text',
    providerConfigurationInput: 'object',
    tags: 'optional',
  },
}
const GET: Method<GetPaymentCredentialProviderRequest> = {
  name: 'getPaymentCredentialProvider',
  members: { name: 'text' },
}
const DELETE: Method<DeletePaymentCredentialProviderRequest> = {
  name: 'deletePaymentCredentialProvider',
  members: { name: 'text' },
}
const LIST: Method<ListPaymentCredentialProvidersRequest> = {
  name: 'listPaymentCredentialProviders',
  members: {
    maxResults: 'optional',
    nextToken: 'optional',
  },
}

/** Creates a credential provider. AWS takes no client token for it. Names are unique. */
export async function createPaymentCredentialProvider(
  plane: ControlPlane,
  options: CreatePaymentCredentialProviderRequest,
  call: CallOptions = {},
): Promise<CreatedCredentialProvider> {
  const { input } = checkOptions(CREATE, options)
  return requestCredentialProvider(plane, input, call)
}

export async function requestCredentialProvider(
  plane: ControlPlane,
  input: CreatePaymentCredentialProviderRequest,
  call: ControlCall,
): Promise<CreatedCredentialProvider> {
  return plane.call(
    'CreatePaymentCredentialProvider',
    (sdk) => new sdk.CreatePaymentCredentialProviderCommand(input),
    { ...call, isSecret: true, required: ['credentialProviderArn'] },
  )
}

export async function getPaymentCredentialProvider(
  plane: ControlPlane,
  options: GetPaymentCredentialProviderRequest,
  call: ControlCall = {},
): Promise<CredentialProviderDetails> {
  const { input } = checkOptions(GET, options)
  return plane.call(
    'GetPaymentCredentialProvider',
    (sdk) => new sdk.GetPaymentCredentialProviderCommand(input),
    { ...call, isSecret: true },
  )
}

/** @returns one page, of 20 at most by default */
export async function listPaymentCredentialProviders(
  plane: ControlPlane,
  options: ListPaymentCredentialProvidersRequest = {},
  call: CallOptions = {},
): Promise<CredentialProviderPage> {
  const { input } = checkOptions(LIST, options)
  const command = { ...input, maxResults: input.maxResults ?? PAGE_SIZE }
  const operation = 'ListPaymentCredentialProviders'
  const page = await plane.call(
    operation,
    (sdk) => new sdk.ListPaymentCredentialProvidersCommand(command),
    { ...call, isSecret: true },
  )
  if (!Array.isArray(page.credentialProviders)) throw unreadable(operation)
  return page as CredentialProviderPage
}

/** The most providers that AWS lists at once. */
const PAGE_SIZE = 20

/** Deletes a credential provider. It is gone when this returns. */
export async function deletePaymentCredentialProvider(
  plane: ControlPlane,
  options: DeletePaymentCredentialProviderRequest,
  call: ControlCall = {},
): Promise<void> {
  const { input } = checkOptions(DELETE, options)
  await plane.call(
    'DeletePaymentCredentialProvider',
    (sdk) => new sdk.DeletePaymentCredentialProviderCommand(input),
    { ...call, isSecret: true },
  )
}
