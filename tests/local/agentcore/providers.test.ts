import { expect, test } from '@jest/globals'
import {
  CreatePaymentCredentialProviderCommand,
  DeletePaymentConnectorCommand,
  DeletePaymentCredentialProviderCommand,
  GetPaymentConnectorCommand,
  GetPaymentCredentialProviderCommand,
  ListPaymentCredentialProvidersCommand,
  UpdatePaymentCredentialProviderCommand,
  type PaymentProviderConfigurationInput,
} from '@aws-sdk/client-bedrock-agentcore-control'
import {
  CONFIGURATIONS,
  SECRETS,
  connector,
  manager,
  provided,
} from './support/payments-providers.js'
import { clock, refusal, serve } from './support/payments-service.js'

const secret = (name: string) => ({
  secretArn: expect.stringMatching(
    `^arn:aws:secretsmanager:eu-west-1:123456789012:secret:[a-zA-Z0-9-_/+=.@!]*${name}[a-zA-Z0-9-]+$`,
  ),
})
const OUTPUTS = {
  CoinbaseCDP: {
    coinbaseCdpConfiguration: {
      apiKeyId: 'key-1',
      apiKeySecretArn: secret('apiKeySecret'),
      apiKeySecretSource: 'MANAGED',
      walletSecretArn: secret('walletSecret'),
      walletSecretSource: 'MANAGED',
    },
  },
  StripePrivy: {
    stripePrivyConfiguration: {
      appId: 'app-1',
      authorizationId: 'auth-1',
      appSecretArn: secret('appSecret'),
      appSecretSource: 'MANAGED',
      authorizationPrivateKeyArn: secret('authorizationPrivateKey'),
      authorizationPrivateKeySource: 'MANAGED',
    },
  },
}

test.each(['CoinbaseCDP', 'StripePrivy'] as const)(
  'a provider of %s is made, answered with ARNs for secrets, and deleted',
  async (vendor) => {
    const time = clock()
    const served = await serve({ now: time.now })
    const { control } = served
    const created = await control.send(
      new CreatePaymentCredentialProviderCommand({
        name: 'my_provider-1',
        credentialProviderVendor: vendor,
        providerConfigurationInput: CONFIGURATIONS[vendor],
        tags: { team: 'agents' },
      }),
    )
    const { $metadata, ...answer } = created
    const named = {
      name: 'my_provider-1',
      credentialProviderVendor: vendor,
      credentialProviderArn:
        'arn:aws:acps:eu-west-1:123456789012:token-vault/default/paymentcredentialprovider/my.provider-1',
    }
    expect($metadata.httpStatusCode).toBe(201)
    expect(answer).toEqual({ ...named, providerConfigurationOutput: OUTPUTS[vendor] })
    const times = { createdTime: new Date(time.now()), lastUpdatedTime: new Date(time.now()) }
    const get = new GetPaymentCredentialProviderCommand({ name: named.name })
    const got = await control.send(get)
    expect(got).toMatchObject({ ...answer, ...times, tags: { team: 'agents' } })
    const listed = await control.send(new ListPaymentCredentialProvidersCommand({}))
    expect(listed.credentialProviders).toEqual([{ ...named, ...times }])
    const deleted = await control.send(new DeletePaymentCredentialProviderCommand(named))
    expect(deleted.$metadata.httpStatusCode).toBe(204)
    expect(await refusal(control.send(get))).toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Payment credential provider not found: my_provider-1',
    })
  },
)

test('an update replaces the configuration, not the vendor', async () => {
  const time = clock()
  const served = await serve({ now: time.now })
  const { control } = served
  await provided(served, 'CoinbaseCDP', 'mine')
  const createdTime = new Date(time.now())
  time.pass(1000)
  const update = (more: object) =>
    control.send(
      new UpdatePaymentCredentialProviderCommand({
        name: 'mine',
        credentialProviderVendor: 'CoinbaseCDP',
        providerConfigurationInput: {
          coinbaseCdpConfiguration: { apiKeyId: 'key-2', apiKeySecret: 'a', walletSecret: 'b' },
        },
        ...more,
      }),
    )
  expect(await update({})).toMatchObject({
    name: 'mine',
    createdTime,
    lastUpdatedTime: new Date(time.now()),
    providerConfigurationOutput: { coinbaseCdpConfiguration: { apiKeyId: 'key-2' } },
    $metadata: { httpStatusCode: 200 },
  })
  const vendor = { credentialProviderVendor: 'StripePrivy' }
  expect(await refusal(update(vendor))).toMatchObject({
    name: 'ValidationException',
    fieldList: [{ name: 'credentialProviderVendor' }],
  })
  expect(await refusal(update({ name: 'other' }))).toMatchObject({
    name: 'ResourceNotFoundException',
  })
})

test('a provider that a connector uses is not deleted', async () => {
  const served = await serve()
  const { control } = served
  const { paymentManagerId } = await manager(served)
  const arn = await provided(served, 'CoinbaseCDP', 'used')
  const { paymentConnectorId } = await connector(served, paymentManagerId, {
    credentialProviderConfigurations: [{ coinbaseCDP: { credentialProviderArn: arn } }],
  })
  const drop = () => control.send(new DeletePaymentCredentialProviderCommand({ name: 'used' }))
  expect(await refusal(drop())).toMatchObject({
    name: 'ConflictException',
    message: 'Payment credential provider used is used by a payment connector',
    $metadata: { httpStatusCode: 409 },
  })
  const named = { paymentManagerId, paymentConnectorId }
  await control.send(new GetPaymentConnectorCommand(named))
  await control.send(new DeletePaymentConnectorCommand(named))
  await drop()
})

test('a name is given once', async () => {
  const served = await serve()
  await provided(served, 'CoinbaseCDP', 'mine')
  const error = await refusal(provided(served, 'StripePrivy', 'mine'))
  expect(error).toMatchObject({ name: 'ConflictException' })
})

const CDP = { apiKeyId: 'key-1', apiKeySecret: 'a', walletSecret: 'b' }
const REFERENCE = {
  secretId: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:x',
  jsonKey: 'k',
}

test('a secret of one’s own is referred to, and answered as it was', async () => {
  const served = await serve()
  const own = {
    apiKeyId: 'key-1',
    apiKeySecretSource: 'EXTERNAL',
    apiKeySecretConfig: REFERENCE,
    walletSecret: SECRETS.second,
    walletSecretSource: 'MANAGED',
  } as const
  const made = await served.control.send(
    new CreatePaymentCredentialProviderCommand({
      name: 'mine',
      credentialProviderVendor: 'CoinbaseCDP',
      providerConfigurationInput: { coinbaseCdpConfiguration: own },
    }),
  )
  expect(made.providerConfigurationOutput).toEqual({
    coinbaseCdpConfiguration: {
      ...OUTPUTS.CoinbaseCDP.coinbaseCdpConfiguration,
      apiKeySecretArn: { secretArn: REFERENCE.secretId },
      apiKeySecretJsonKey: REFERENCE.jsonKey,
      apiKeySecretSource: 'EXTERNAL',
    },
  })
})

const path = 'providerConfigurationInput.coinbaseCdpConfiguration'
test.each<[string, PaymentProviderConfigurationInput, string]>([
  ['of another vendor', CONFIGURATIONS.StripePrivy, 'providerConfigurationInput'],
  [
    'without a secret',
    { coinbaseCdpConfiguration: { apiKeyId: 'key-1', apiKeySecret: SECRETS.first } },
    `${path}.walletSecret`,
  ],
  [
    'with a secret and a reference',
    { coinbaseCdpConfiguration: { ...CDP, apiKeySecretConfig: REFERENCE } },
    `${path}.apiKeySecretConfig`,
  ],
  [
    'with a reference that is missing',
    { coinbaseCdpConfiguration: { ...CDP, apiKeySecretSource: 'EXTERNAL' } },
    `${path}.apiKeySecretConfig`,
  ],
  [
    'with a secret that is kept elsewhere',
    {
      coinbaseCdpConfiguration: {
        ...CDP,
        apiKeySecretSource: 'EXTERNAL',
        apiKeySecretConfig: REFERENCE,
      },
    },
    `${path}.apiKeySecret`,
  ],
  [
    'with a secret of odd letters',
    { coinbaseCdpConfiguration: { ...CDP, apiKeySecret: `${SECRETS.first}!` } },
    `${path}.apiKeySecret`,
  ],
])('a configuration %s is refused without a word of its secrets', async (_t, input, name) => {
  const { control } = await serve()
  const create = new CreatePaymentCredentialProviderCommand({
    name: 'mine',
    credentialProviderVendor: 'CoinbaseCDP',
    providerConfigurationInput: input,
  })
  const error = await refusal(control.send(create))
  expect(error).toMatchObject({ name: 'ValidationException', fieldList: [{ name }] })
  const told = JSON.stringify([error.message, error])
  expect(told).not.toContain('MarkedSecret')
})

test('no answer of the control plane has a secret in it', async () => {
  const served = await serve()
  const { control } = served
  const answers: unknown[] = []
  control.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      answers.push(result.output)
      return result
    },
    { step: 'deserialize' },
  )
  for (const vendor of ['CoinbaseCDP', 'StripePrivy'] as const) {
    await provided(served, vendor, vendor)
    await control.send(new GetPaymentCredentialProviderCommand({ name: vendor }))
  }
  await control.send(new ListPaymentCredentialProvidersCommand({}))
  expect(answers).toHaveLength(5)
  expect(JSON.stringify(answers)).not.toContain('MarkedSecret')
})
