import type {
  CredentialsProviderConfiguration,
  PaymentProviderConfigurationInput,
  PaymentProviderConfigurationOutput,
} from '@aws-sdk/client-bedrock-agentcore-control'
import { refuseUnknown } from '../../checks.js'
import { OptionsError } from '../../errors/payment-error.js'
import { isRecord } from '../../wire/json.js'

/** What Coinbase's developer platform gives for a wallet. All are required; `process.env.X` may stand here. */
export interface CoinbaseCdpCredentials {
  /** The id of the API key. */
  apiKeyId: string | undefined
  /** The secret of the API key. */
  apiKeySecret: string | undefined
  /** The wallet secret. */
  walletSecret: string | undefined
}

/** What Privy gives for an app. All are required; `process.env.X` may stand here. */
export interface StripePrivyCredentials {
  /** The id of the app. */
  appId: string | undefined
  /** The secret of the app. */
  appSecret: string | undefined
  /** The private part of the authorization key. */
  authorizationPrivateKey: string | undefined
  /** The id of the authorization key. */
  authorizationId: string | undefined
}

/** A vendor of wallets, and the keys with which AgentCore acts there. */
export type VendorCredentials =
  | {
      /** The vendor of the wallet: `CoinbaseCDP` or `StripePrivy`. */
      credentialProviderVendor: 'CoinbaseCDP'
      /** The keys that the vendor gave. `CoinbaseCDP` has other keys than `StripePrivy`. They are never logged. */
      credentials: CoinbaseCdpCredentials
    }
  | { credentialProviderVendor: 'StripePrivy'; credentials: StripePrivyCredentials }

export type Vendor = VendorCredentials['credentialProviderVendor']

const FIELDS: Readonly<Record<Vendor, readonly string[]>> = {
  CoinbaseCDP: [
    'apiKeyId',
    'apiKeySecret',
    'walletSecret',
  ] satisfies (keyof CoinbaseCdpCredentials)[],
  StripePrivy: [
    'appId',
    'appSecret',
    'authorizationPrivateKey',
    'authorizationId',
  ] satisfies (keyof StripePrivyCredentials)[],
}

/** @throws OptionsError naming what is missing. It shows no value. */
export function checkVendorCredentials(path: string, given: Record<string, unknown>): void {
  const { credentialProviderVendor: vendor, credentials } = given
  if (vendor !== 'CoinbaseCDP' && vendor !== 'StripePrivy') {
    throw new OptionsError(
      `${path}.credentialProviderVendor`,
      "expected 'CoinbaseCDP' or 'StripePrivy'",
    )
  }
  const option = `${path}.credentials`
  if (!isRecord(credentials)) throw new OptionsError(option, `expected the keys of ${vendor}`)
  const fields = FIELDS[vendor]
  const isMissing = (name: string) => {
    const value = credentials[name]
    return typeof value !== 'string' || value.trim() === ''
  }
  // Unknown names are refused first: a missing key may be there under another name.
  const known = Object.fromEntries(fields.map((name) => [name, true]))
  refuseUnknown(credentials, known, `is no key of ${vendor}`, `${option}.`)
  const missing = fields.filter(isMissing)
  if (missing.length > 0) throw new OptionsError(option, `missing ${missing.join(', ')}`)
}

/** The keys in the form that CreatePaymentCredentialProvider takes. */
export function providerInputOf(given: VendorCredentials): PaymentProviderConfigurationInput {
  return given.credentialProviderVendor === 'CoinbaseCDP'
    ? { coinbaseCdpConfiguration: given.credentials }
    : { stripePrivyConfiguration: given.credentials }
}

/** Whether a provider has these keys, as far as it shows them. */
export function isKeptIn(
  output: PaymentProviderConfigurationOutput | undefined,
  given: VendorCredentials,
): boolean {
  if (given.credentialProviderVendor === 'CoinbaseCDP') {
    return output?.coinbaseCdpConfiguration?.apiKeyId === given.credentials.apiKeyId
  }
  const { appId, authorizationId } = output?.stripePrivyConfiguration ?? {}
  const { credentials } = given
  return appId === credentials.appId && authorizationId === credentials.authorizationId
}

/** The reference of a connector to its provider. */
export function configurationOf(
  vendor: Vendor,
  credentialProviderArn: string,
): CredentialsProviderConfiguration {
  return vendor === 'CoinbaseCDP'
    ? { coinbaseCDP: { credentialProviderArn } }
    : { stripePrivy: { credentialProviderArn } }
}
