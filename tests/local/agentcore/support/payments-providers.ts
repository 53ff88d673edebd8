import { randomUUID } from 'node:crypto'
import {
  CreatePaymentConnectorCommand,
  CreatePaymentCredentialProviderCommand,
  CreatePaymentManagerCommand,
  type CreatePaymentConnectorCommandInput,
  type PaymentProviderConfigurationInput,
} from '@aws-sdk/client-bedrock-agentcore-control'
import { ROLE, type Served } from './payments-service.js'

/** Marked secrets. No answer and no error may have them. */
export const SECRETS = { first: 'MarkedSecretOne==', second: 'MarkedSecretTwo==' }

/** The configuration of a provider, for each vendor. */
export const CONFIGURATIONS: Record<
  'CoinbaseCDP' | 'StripePrivy',
  PaymentProviderConfigurationInput
> = {
  CoinbaseCDP: {
    coinbaseCdpConfiguration: {
      apiKeyId: 'key-1',
      apiKeySecret: SECRETS.first,
      walletSecret: SECRETS.second,
    },
  },
  StripePrivy: {
    stripePrivyConfiguration: {
      appId: 'app-1',
      appSecret: SECRETS.first,
      authorizationPrivateKey: SECRETS.second,
      authorizationId: 'auth-1',
    },
  },
}

/**
 * Makes a credential provider.
 *
 * @returns its ARN
 */
export async function provided(
  { control }: Served,
  vendor: 'CoinbaseCDP' | 'StripePrivy' = 'CoinbaseCDP',
  name = `provider_${randomUUID()}`,
): Promise<string> {
  const made = await control.send(
    new CreatePaymentCredentialProviderCommand({
      name,
      credentialProviderVendor: vendor,
      providerConfigurationInput: CONFIGURATIONS[vendor],
    }),
  )
  return String(made.credentialProviderArn)
}

/** Makes a payment manager. */
export async function manager({ control }: Served, name = 'Buyers') {
  const made = await control.send(
    new CreatePaymentManagerCommand({ authorizerType: 'AWS_IAM', roleArn: ROLE, name }),
  )
  return { paymentManagerId: String(made.paymentManagerId), made }
}

/** Makes a payment connector and its provider. */
export async function connector(
  served: Served,
  paymentManagerId: string,
  more: Partial<CreatePaymentConnectorCommandInput> = {},
) {
  const arn = await provided(served)
  const create = new CreatePaymentConnectorCommand({
    paymentManagerId,
    name: 'cdp',
    type: 'CoinbaseCDP',
    credentialProviderConfigurations: [{ coinbaseCDP: { credentialProviderArn: arn } }],
    ...more,
  })
  const made = await served.control.send(create)
  return { paymentManagerId, paymentConnectorId: String(made.paymentConnectorId), made, arn }
}
