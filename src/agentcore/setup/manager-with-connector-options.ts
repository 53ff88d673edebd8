import { optionalText, refuseUnknown, text } from '../../checks.js'
import { OptionsError } from '../../errors/payment-error.js'
import type { CreatedPaymentConnector } from './control-connector-options.js'
import { checkQuickCreate } from './control-connectors.js'
import type {
  CreatedPaymentManager,
  CreatePaymentManagerOptions,
} from './control-manager-options.js'
import { checkAuthorizer } from './control-managers.js'
import { checkVendorCredentials, type VendorCredentials } from './vendor-credentials.js'
import {
  WAIT_OPTIONS,
  checkWait,
  refuseSignal,
  type Wait,
  type WaitOptions,
} from './wait-options.js'

/** A credential provider that is made along with the connector. */
export type PaymentCredentialProviderConfig = {
  /**
   * Its name: 1 to 128 letters, digits, hyphens and underscores. No other provider of the account has it.
   */
  name: string
} & VendorCredentials

/** The connector that `createPaymentManagerWithConnector` makes. */
export interface PaymentConnectorConfig {
  /**
   * Its name: 1 to 48 letters, digits and underscores, a letter first. AWS takes no hyphens here.
   */
  name: string
  /**
   * Says what it is for: 1 to 4 096 letters, digits and spaces. AWS takes no punctuation.
   *
   * @default none
   */
  description?: string | undefined
  /**
   * Who makes the credential provider.
   * - `'MANUAL'`: it is made of `paymentCredentialProviderConfig`.
   * - `'QUICK_CREATE'`: somebody consents at Coinbase, and AgentCore makes it.
   *
   * @default 'MANUAL'
   */
  provisionMode?: 'MANUAL' | 'QUICK_CREATE' | undefined
  /**
   * The credential provider to make along with the connector. Required, save with `QUICK_CREATE`, which takes none.
   *
   * @default none
   */
  paymentCredentialProviderConfig?: PaymentCredentialProviderConfig | undefined
}

/**
 * Options of `createPaymentManagerWithConnector`, with the names of AWS's Python library in camel case. AWS judges what
 * a text may be. Its ValidationException says field and rule.
 */
export interface ManagerWithConnectorOptions extends WaitOptions {
  /**
   * The manager's name: 1 to 48 letters and digits, a letter first. AWS takes neither hyphens nor underscores.
   */
  paymentManagerName: string
  /**
   * Says what the manager is for: 1 to 4 096 letters, digits and spaces. AWS takes no punctuation.
   *
   * @default none
   */
  paymentManagerDescription?: string | undefined
  /**
   * Who may use the manager. `CUSTOM_JWT` needs an `authorizerConfiguration`.
   *
   * @default 'AWS_IAM'
   */
  authorizerType?: CreatePaymentManagerOptions['authorizerType']
  /**
   * Which tokens the manager takes, as AWS describes it.
   *
   * @default none
   */
  authorizerConfiguration?: CreatePaymentManagerOptions['authorizerConfiguration']
  /** The role that AgentCore acts in. */
  roleArn: string
  /** The connector to make. */
  paymentConnectorConfig: PaymentConnectorConfig
}

/** What `createPaymentManagerWithConnector` has made. */
export interface ManagerWithConnector {
  /** The manager. Its status is `READY`. */
  paymentManager: Pick<CreatedPaymentManager, 'paymentManagerArn' | 'paymentManagerId' | 'name'> & {
    description?: string
    status: string
  }
  /** The connector. Its status is `READY` if `waitForReady` was set. */
  paymentConnector: Pick<CreatedPaymentConnector, 'paymentConnectorId' | 'name' | 'type'> & {
    paymentManagerId: string
    description?: string
    status: string
  }
  /** Absent with `QUICK_CREATE`. */
  credentialProvider?: {
    credentialProviderArn: string
    name: string
    credentialProviderVendor: VendorCredentials['credentialProviderVendor']
  }
  /** With `QUICK_CREATE`: where somebody has to consent, as long as the consent is awaited. */
  authorizationUrl?: string
}

const OPTIONS: Record<keyof ManagerWithConnectorOptions, true> = {
  paymentManagerName: true,
  paymentManagerDescription: true,
  authorizerType: true,
  authorizerConfiguration: true,
  roleArn: true,
  paymentConnectorConfig: true,
  ...WAIT_OPTIONS,
}
const CONNECTOR: Record<keyof PaymentConnectorConfig, true> = {
  name: true,
  description: true,
  provisionMode: true,
  paymentCredentialProviderConfig: true,
}
const PROVIDER: Record<keyof PaymentCredentialProviderConfig, true> = {
  name: true,
  credentialProviderVendor: true,
  credentials: true,
}

/**
 * Checks the options. Everything that can be known to be wrong is found before the first call.
 *
 * @throws OptionsError naming the option at fault, with its path
 */
export function checkManagerWithConnector(
  options: ManagerWithConnectorOptions,
  abortSignal: AbortSignal | undefined,
): Wait {
  known('createPaymentManagerWithConnector', options, OPTIONS)
  text('paymentManagerName', options.paymentManagerName)
  text('roleArn', options.roleArn)
  optionalText('paymentManagerDescription', options.paymentManagerDescription)
  checkAuthorizer(options)
  const wait = checkWait(options, abortSignal)
  checkConnectorConfig('paymentConnectorConfig', options.paymentConnectorConfig, wait)
  return wait
}

function checkConnectorConfig(path: string, config: PaymentConnectorConfig, wait: Wait): void {
  known(path, config, CONNECTOR, `${path}.`)
  text(`${path}.name`, config.name)
  optionalText(`${path}.description`, config.description)
  const { provisionMode = 'MANUAL', paymentCredentialProviderConfig: provider } = config
  if (!['MANUAL', 'QUICK_CREATE'].includes(provisionMode)) {
    throw new OptionsError(`${path}.provisionMode`, "expected 'MANUAL' or 'QUICK_CREATE'")
  }
  const option = `${path}.paymentCredentialProviderConfig`
  if (provisionMode === 'QUICK_CREATE') {
    if (provider !== undefined) throw new OptionsError(option, 'not together with QUICK_CREATE')
    return checkQuickCreate(wait)
  }
  if (provider === undefined) throw new OptionsError(option, 'required, except with QUICK_CREATE')
  known(option, provider, PROVIDER, `${option}.`)
  text(`${option}.name`, provider.name)
  checkVendorCredentials(option, provider)
}

function known(
  what: string,
  value: unknown,
  names: Readonly<Record<string, true>>,
  prefix = '',
): asserts value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null)
    throw new OptionsError(what, 'expected an object')
  refuseSignal(value)
  refuseUnknown(value, names, `is not an option of ${what}`, prefix)
}
