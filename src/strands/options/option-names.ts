import { record } from '../../checks.js'
import { OptionsError } from '../../errors/payment-error.js'

/**
 * Refuses unknown options. If an option is written as in Python, in another case, or as another client names
 * it, the error says its name here.
 *
 * @throws OptionsError naming the first option that does not exist.
 */
export function checkOptionNames(
  options: unknown,
  names: Readonly<Record<string, unknown>>,
): asserts options is Record<string, unknown> {
  record(WHOLE, options)
  const unknown = Object.keys(options).find((key) => !Object.hasOwn(names, key))
  if (unknown === undefined) return
  const plain = plainName(unknown)
  const meant =
    Object.keys(names).find((name) => plainName(name) === plain) ?? CALLED_ELSEWHERE.get(plain)
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`
  throw new OptionsError(unknown, `is not one of ${WHOLE}${hint}`)
}

const WHOLE = 'the options of AgentCorePaymentsPlugin'

/** A name without case, underscores and hyphens. */
function plainName(name: string): string {
  return name.replaceAll(/[_-]/g, '').toLowerCase()
}

/** Names in the Python SDK, boto3, the AWS SDK and earlier versions, with their names here. */
const CALLED_ELSEWHERE = new Map([
  ['config', 'new AgentCorePaymentsPlugin(config), without braces'],
  ['regionname', 'region'],
  ['awsregion', 'region'],
  ['boto3session', 'credentials'],
  ['botosession', 'credentials'],
  ['session', 'credentials or paymentSessionId'],
  ['botoclientconfig', 'client'],
  ['botoconfig', 'client'],
  ['endpointurl', 'endpoint'],
  ['managerarn', 'paymentManagerArn'],
  ['paymentmanager', 'client or paymentManagerArn'],
  ['instrumentid', 'paymentInstrumentId'],
  ['sessionid', 'paymentSessionId'],
  ['connectorid', 'paymentConnectorId'],
  ['networkpreferences', 'networkPreferencesConfig'],
  ['allowlist', 'paymentToolAllowlist'],
  ['toolallowlist', 'paymentToolAllowlist'],
  ['postpaymentretrydelay', 'postPaymentRetryDelaySeconds'],
  ['postpaymentretrydelayms', 'postPaymentRetryDelaySeconds'],
  ['maxpaymentretries', 'maxInterruptRetries or maxErrorRetries (three attempts to pay are fixed)'],
  ['maxretries', 'maxInterruptRetries or maxErrorRetries'],
  ['autosessionexpirytimeinminutes', 'autoSessionExpiryMinutes'],
  ['handlers', 'customHandlers'],
  ['onerror', 'onPaymentError'],
  ['allowedschemes', 'limits.schemes'],
  ['allowedassets', 'limits.assets'],
  ['allowedpayees', 'limits.payees'],
  ['allowedhosts', 'limits.hosts'],
  ['maxamountperpayment', 'limits.maxAmountPerPayment'],
  ['maxtimeoutseconds', 'limits.maxTimeoutSeconds'],
])
