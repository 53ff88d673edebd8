import { expect, test } from '@jest/globals'
import { NETWORK_PREFERENCES, OptionsError, PaymentManager } from '../../../src/agentcore/index.js'

const ARN = 'arn:aws:bedrock-agentcore:us-west-2:123456789012:payment-manager/mine-abcdefghij'
const make = (options: object = {}) =>
  new PaymentManager({ paymentManagerArn: ARN, userId: 'user-1', ...options })
/** The OptionsError of options that do not fit. @throws where they do */
const thrownBy = (options: object): OptionsError => {
  try {
    make(options)
  } catch (error) {
    if (error instanceof OptionsError) return error
    throw error
  }
  throw new Error('was not refused')
}

test.each([
  ['its account is not 12 digits', ARN.replace('123456789012', '')],
  ['its service is not bedrock-agentcore', ARN.replace('bedrock-agentcore', 'bedrock')],
  ['its resource is not payment-manager/<id>', ARN.replace('payment-manager', 'gateway')],
  ['its id is not one or more letters', ARN.replace('mine-abcdefghij', '')],
  ['it names no region', ARN.replace('us-west-2', '')],
  ['it is no ARN', 'pm-abc123'],
])('what is wrong with an ARN is said, and nothing of the ARN: %s', (why, paymentManagerArn) => {
  const error = thrownBy({ paymentManagerArn })
  const form = 'arn:aws:bedrock-agentcore:<region>:<account>:payment-manager/<id>'
  expect(error.message).toContain(`paymentManagerArn: expected ${form}; ${why}`)
  expect(error.message).not.toMatch(/123456789012|abc123|abcdefghij/)
})

test.each(['pm-abc123', 'my-manager', 'pm-jwt', 'Mine_1', 'mine-abcdefghij', 'a'])(
  'an id is for AWS to judge: %s, as its guide and README have them, will do',
  (id) => {
    const paymentManagerArn = ARN.replace('mine-abcdefghij', id)
    expect(make({ paymentManagerArn }).protocols).toEqual(['x402', 'mpp'])
  },
)

test('a region that is not that of the ARN is refused with the reason', () => {
  expect(thrownBy({ region: 'us-east-1' }).message).toBe(
    'region: expected us-west-2, or none: a payment manager is reached only in the region of its ARN ' +
      "(PaymentManager was given 'us-east-1')",
  )
})

test('a region that is none is refused with what one looks like', () => {
  expect(thrownBy({ region: 'US_WEST_2' }).message).toContain(
    'expected a region of AWS, e.g. us-west-2: lower-case words and a number, with hyphens',
  )
})

test.each([
  ['region_name', 'region'],
  ['regionName', 'region'],
  ['payment_manager_arn', 'paymentManagerArn'],
  ['agent_name', 'agentName'],
  ['bearer_token', 'bearerToken'],
  ['token_provider', 'tokenProvider'],
  ['boto3_session', 'credentials, or client'],
  ['boto_client_config', 'maxAttempts, requestTimeoutMs, or client'],
  ['network_preferences', 'networkPreferences'],
  ['networkPreferencesConfig', 'networkPreferences'],
  ['regoin', 'region'],
])('%s is refused, and the error says %s', (given, meant) => {
  expect(thrownBy({ [given]: 'x' }).message).toContain(
    `${given}: is not one of the options of PaymentManager; did you mean ${meant}?`,
  )
})

test.each(['zzz', 'constructor', '__proto__x', 'x'.repeat(5000)])(
  'nothing is meant by %p',
  (given) => {
    expect(thrownBy({ [given]: 'x' }).message).not.toContain('did you mean')
  },
)

test.each([
  [['base', 'base-sepola'], 1, 'did you mean base-sepolia?'],
  [['bitcoin'], 0, '"bitcoin" is no known network; expected eip155:<chain id>, or one of'],
  [['eip155:'], 0, 'solana-devnet'],
  [['solana:mainnet'], 0, 'did you mean solana-mainnet?'],
])('networks that nobody knows are refused with what is known: %j', (networks, at, said) => {
  const error = thrownBy({ networkPreferences: networks })
  expect(error.option).toBe(`networkPreferences[${at}]`)
  expect(error.message).toContain(said)
  expect(() => make().payer({ networkPreferences: networks })).toThrow(said)
})

test.each([
  [['BASE', 'eip155:137', 'polygon', 'Solana-Devnet']],
  [['solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp', 'eip155:31337', 'solana']],
  [NETWORK_PREFERENCES],
  [[]],
])('networks in any notation will do: %j', (networkPreferences) => {
  expect(make({ networkPreferences }).protocols).toEqual(['x402', 'mpp'])
})
