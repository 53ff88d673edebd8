import { redacted } from '../../errors/redact.js'

/**
 * The rules of AWS for values, in words. They refuse nothing. They explain a ValidationException, whose own
 * words are patterns, or missing.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_CreatePaymentManager.html
 * @see https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_CreatePaymentConnector.html
 */
export const NAME_RULES = {
  CreatePaymentManager: '1 to 48 letters and digits, a letter first, without hyphens',
  CreatePaymentConnector:
    '1 to 48 letters, digits and underscores, a letter first, without hyphens',
  CreatePaymentCredentialProvider: '1 to 128 letters, digits, hyphens and underscores',
} as const

const VENDOR_ID = '1 to 512 letters, digits, hyphens and underscores'
const SECRET = "1 to 2048 characters of base64: letters, digits, '+', '/', '=', '-', '_' and spaces"
const RESOURCE_ID = '<name>-<10 lower-case letters and digits>, as AWS gave it'
const VENDOR = 'CoinbaseCDP or StripePrivy'

const RULES: Readonly<Record<string, string>> = {
  description: '1 to 4 096 letters, digits and spaces, without punctuation',
  paymentManagerDescription: '1 to 4 096 letters, digits and spaces, without punctuation',
  roleArn: 'arn:aws:iam::<account>:role/<name>',
  clientToken: '33 to 256 letters, digits and inner hyphens',
  authorizerType: 'AWS_IAM or CUSTOM_JWT',
  type: VENDOR,
  credentialProviderVendor: VENDOR,
  provisionMode: 'MANUAL or QUICK_CREATE',
  kmsKeyArn: 'arn:aws:kms:<region>:<account>:key/<id>',
  credentialProviderArn: 'the ARN that createPaymentCredentialProvider gave',
  paymentManagerId: RESOURCE_ID,
  paymentConnectorId: RESOURCE_ID,
  apiKeyId: VENDOR_ID,
  appId: VENDOR_ID,
  authorizationId: VENDOR_ID,
  apiKeySecret: SECRET,
  walletSecret: SECRET,
  appSecret: SECRET,
  authorizationPrivateKey: SECRET,
  paymentManagerArn:
    'arn:aws:bedrock-agentcore:<region>:<account>:payment-manager/<name>-<10 lower-case letters and digits>',
  paymentInstrumentId: 'payment-instrument- and 15 letters, digits and hyphens, as AWS gave it',
  paymentSessionId: 'payment-session- and 15 letters, digits and hyphens, as AWS gave it',
  userId: 'at most 120 characters',
  agentName: 'at most 256 characters',
  expiryTimeInMinutes: 'a whole number from 15 to 480',
  currency: 'USD',
  paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
  network: 'ETHEREUM or SOLANA',
  emailAddress: 'an e-mail address of at most 254 characters',
  phoneNumber: "'+' and at most 15 digits",
  chain: 'BASE, BASE_SEPOLIA, ETHEREUM, SOLANA or SOLANA_DEVNET',
  token: 'USDC',
  paymentType: 'CRYPTO_X402 or MPP',
  permit2AllowanceLimit: '1 to 78 digits',
}

/** A member of the input that AWS refused. */
export interface RefusedField {
  /** Its path in the input, e.g. `limits.maxSpendAmount.currency`. */
  name: string
  /** AWS's words about it. */
  message?: string | undefined
}

/** How to describe refused fields. */
export interface Telling {
  operation: string
  /** Whether AWS's own words may quote a secret. Then only our own words are used. */
  isSecret: boolean
  /** The caller's name for a field. Default: AWS's name. */
  nameOf?: ((field: string) => string) | undefined
}

/** Each field with its rule, and without its value: `name: expected 1 to 48 letters …`. */
export function toldFields(
  fields: readonly RefusedField[],
  { operation, isSecret, nameOf = (field) => field }: Telling,
): string | undefined {
  const told = fields.flatMap(({ name, message }) => {
    const last = name.split('.').findLast((part) => /^[A-Za-z]/.test(part)) ?? ''
    const rule = ruleOf(operation, last)
    if (rule !== undefined) return [`${nameOf(isSecret ? last : name)}: expected ${rule}`]
    if (isSecret || !isFieldName(name)) return []
    const said = message === undefined || message === '' ? 'AWS refuses it' : plain(message)
    return [`${nameOf(name)}: ${said}`]
  })
  return told.length === 0 ? undefined : [...new Set(told)].join('; ')
}

/** AWS's words without the value that they may quote. */
export function plain(message: string): string {
  return redacted(message.replace(/\bvalue '[^']*' at\b/gi, 'Value at'))
}

/** The fields that a message names, if there is only a message: `Value at 'name' failed to satisfy …`. */
export function fieldsIn(message: string): RefusedField[] {
  const found = message.matchAll(/\bat '([A-Za-z][\w.[\]]{0,100})' failed to satisfy/gi)
  return [...found].map(([, name = '']) => ({ name }))
}

function ruleOf(operation: string, field: string): string | undefined {
  if (field === 'maxResults') {
    return `a whole number from 1 to ${operation === 'ListPaymentCredentialProviders' ? 20 : 100}`
  }
  const ofNames: Readonly<Record<string, string>> = NAME_RULES
  if (field === 'name') return ofNames[operation.replace(/^(Get|Update|Delete)/, 'Create')]
  return Object.hasOwn(RULES, field) ? RULES[field] : undefined
}

function isFieldName(name: string): boolean {
  return /^[A-Za-z][\w.[\]]{0,100}$/.test(name) && redacted(name) === name
}
