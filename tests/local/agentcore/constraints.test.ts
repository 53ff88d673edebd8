import { expect, test } from '@jest/globals'
import { CreatePaymentInstrumentCommand } from '@aws-sdk/client-bedrock-agentcore'
import { CreatePaymentManagerCommand } from '@aws-sdk/client-bedrock-agentcore-control'
import { CONTROL_PLANE } from '../../../src/local/agentcore/control/control-plane.js'
import { DATA_PLANE } from '../../../src/local/agentcore/data/data-plane.js'
import { checked } from '../../../src/local/agentcore/world/validate.js'
import { testWithBoto3 } from './support/boto3.js'
import { botocoreModels, samples, violations } from './support/botocore-model.js'
import { ROLE, buyer, refusal, serve } from './support/payments-service.js'

const WALLET = { network: 'ETHEREUM', linkedAccounts: [] }
const linked = (account: unknown) => ({
  paymentInstrumentDetails: {
    embeddedCryptoWallet: { ...WALLET, linkedAccounts: [account] },
  },
})
const at = 'paymentInstrumentDetails.embeddedCryptoWallet.linkedAccounts'

test.each<[string, object, string, string]>([
  [
    'what is missing',
    { paymentInstrumentType: undefined },
    'paymentInstrumentType',
    'Member must not be null',
  ],
  [
    'what is not among the values',
    { paymentInstrumentType: 'GOLD' },
    'paymentInstrumentType',
    'Member must satisfy enum value set: [EMBEDDED_CRYPTO_WALLET]',
  ],
  [
    'what is too short',
    { clientToken: 'short' },
    'clientToken',
    'Member must have length greater than or equal to 33',
  ],
  [
    'what is too long',
    { agentName: 'a'.repeat(257) },
    'agentName',
    'Member must have length less than or equal to 256',
  ],
  [
    'what has odd letters',
    { paymentConnectorId: 'Upper-0123456789' },
    'paymentConnectorId',
    'Member must satisfy regular expression pattern: ([0-9a-z][-]?){1,100}-[0-9a-z]{10}',
  ],
  [
    'a list that is too long',
    {
      paymentInstrumentDetails: {
        embeddedCryptoWallet: {
          ...WALLET,
          linkedAccounts: [{ sms: { phoneNumber: '+41' } }, { sms: { phoneNumber: '+42' } }],
        },
      },
    },
    at,
    'Member must have length less than or equal to 1',
  ],
  [
    'a union of nothing',
    { paymentInstrumentDetails: {} },
    'paymentInstrumentDetails',
    'Member must have exactly one of: embeddedCryptoWallet',
  ],
  [
    'what is deep inside, without its value',
    linked({ email: { emailAddress: 'MarkedSecret' } }),
    `${at}.0.email.emailAddress`,
    'Member must satisfy regular expression pattern: [a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\\.[a-zA-Z]{2,}',
  ],
])('%s is named, and what is expected of it', async (_title, more, name, message) => {
  const { data, base, paymentConnectorId, service } = await buyer()
  const create = new CreatePaymentInstrumentCommand({
    ...base,
    paymentConnectorId,
    paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
    paymentInstrumentDetails: { embeddedCryptoWallet: { network: 'SOLANA', linkedAccounts: [] } },
    ...more,
  })
  const error = await refusal(data.send(create))
  expect(error).toMatchObject({
    name: 'ValidationException',
    message: `1 validation error detected: Value at '${name}' failed to satisfy constraint: ${message}`,
    reason: 'FieldValidationFailed',
    fieldList: [{ name, message }],
    $metadata: { httpStatusCode: 400 },
  })
  expect(JSON.stringify(error) + error.message).not.toContain('MarkedSecret')
  expect(service.instruments()).toEqual([])
})

test('everything that is wrong is said at once', async () => {
  const { control } = await serve()
  const tags = Object.fromEntries(Array.from({ length: 51 }, (_one, i) => [`tag${i}`, 'x']))
  const create = new CreatePaymentManagerCommand({
    name: '1st',
    description: 'no, commas',
    authorizerType: 'NONE' as 'AWS_IAM',
    roleArn: ROLE.replace('iam', 's3'),
    kmsKeyArn: 'arn:aws:kms',
    tags,
  })
  const error = await refusal(control.send(create))
  expect(error.message).toMatch(/^6 validation errors detected: Value at /)
  expect(error.fieldList).toContainEqual({
    name: 'roleArn',
    message:
      'Member must satisfy regular expression pattern: arn:aws(-[^:]+)?:iam::([0-9]{12})?:role/.+',
  })
  expect(error.fieldList?.map(({ name }) => name).sort()).toEqual([
    'authorizerType',
    'description',
    'kmsKeyArn',
    'name',
    'roleArn',
    'tags',
  ])
})

const EXAMPLES = {
  PaymentManagerArn: `arn:aws:bedrock-agentcore:us-west-2:123456789012:payment-manager/a-${'0'.repeat(10)}`,
  PaymentManagerId: 'manager-0123456789',
  PaymentConnectorId: 'connector-0123456789',
  PaymentInstrumentId: `payment-instrument-${'0'.repeat(15)}`,
  PaymentSessionId: `payment-session-${'0'.repeat(15)}`,
  Email: 'a@example.com',
  PhoneNumber: '+41791234567',
  RoleArn: ROLE,
  DiscoveryUrl: 'https://a.example/.well-known/openid-configuration',
  ResourceConfigurationIdentifier: `rcfg-${'0'.repeat(17)}`,
  VpcIdentifier: 'vpc-01234567',
  SubnetId: 'subnet-01234567',
  SecurityGroupIdentifier: 'sg-01234567',
  PaymentCredentialProviderArn:
    'arn:aws:acps:us-west-2:123456789012:token-vault/default/paymentcredentialprovider/mine',
}

/** Where botocore's model is older than the one of the JavaScript SDK. */
const NEWER = [
  // QUICK_CREATE comes without.
  /credentialProviderConfigurations: min items$/,
  // A secret of one's own is referred to in its place; one of both is asked for later.
  /(apiKeySecret|walletSecret|appSecret|authorizationPrivateKey): required$/,
]

testWithBoto3(
  'every constraint of AWS’s model is one of the service, and what fits the model fits the service',
  async () => {
    const operations = new Map([...DATA_PLANE, ...CONTROL_PLANE].map((one) => [one.name, one]))
    let count = 0
    const wrong: string[] = []
    for (const model of await botocoreModels()) {
      for (const [name, input] of Object.entries(model.inputs)) {
        const shape = operations.get(name)?.shape
        for (const sample of samples(model, input, EXAMPLES)) {
          expect([name, shape && checked(shape, sample)]).toEqual([name, sample])
          for (const { path, what, input: bad } of violations(model, input, sample)) {
            count += 1
            if (!(shape && isRefused(shape, bad, path))) wrong.push(`${name} ${path}: ${what}`)
          }
        }
      }
    }
    expect(count).toBeGreaterThan(500)
    expect(wrong.filter((one) => !NEWER.some((newer) => newer.test(one)))).toEqual([])
  },
  30_000,
)

function isRefused(
  shape: (typeof DATA_PLANE)[number]['shape'],
  input: unknown,
  path: string,
): boolean {
  try {
    checked(shape, input)
    return false
  } catch (error) {
    const { fieldList } = (error as { members: { fieldList: { name: string }[] } }).members
    return fieldList.some(({ name }) => name === path)
  }
}
