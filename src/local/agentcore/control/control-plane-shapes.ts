import * as z from 'zod/mini'
import { authorizerConfiguration } from './authorizer-shapes.js'
import { integer, list, text, union } from '../world/shapes.js'

/**
 * The inputs of the control plane, with the constraints of AWS's model.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_CreatePaymentManager.html
 */

const clientToken = z.optional(
  text({ min: 33, max: 256, pattern: '[a-zA-Z0-9](-*[a-zA-Z0-9]){0,256}' }),
)
const resourceId = text({ min: 12, max: 211, pattern: '([0-9a-z][-]?){1,100}-[0-9a-z]{10}' })
const description = z.optional(text({ min: 1, max: 4096, pattern: '[a-zA-Z0-9\\s]+' }))
const roleArn = text({ min: 1, max: 2048, pattern: 'arn:aws(-[^:]+)?:iam::([0-9]{12})?:role/.+' })
const authorizerType = z.enum(['CUSTOM_JWT', 'AWS_IAM'])
const kmsKeyArn = z.optional(
  text({
    min: 1,
    max: 2048,
    pattern: 'arn:aws(|-cn|-us-gov):kms:[a-zA-Z0-9-]*:[0-9]{12}:key/[a-zA-Z0-9-]{36}',
  }),
)
const tagText = '[a-zA-Z0-9\\s._:/=+@-]*'
const tags = z.optional(
  z
    .record(text({ min: 1, max: 128, pattern: tagText }), text({ max: 256, pattern: tagText }))
    .check(
      z.refine((map) => Object.keys(map).length <= 50, {
        error: 'Member must have length less than or equal to 50',
      }),
    ),
)
const page = {
  nextToken: z.optional(text({ min: 1, max: 2048, pattern: '\\S*' })),
  maxResults: z.optional(integer(1, 100)),
}

export const CreatePaymentManagerInput = z.object({
  name: text({ min: 1, max: 48, pattern: '[a-zA-Z][a-zA-Z0-9]{0,47}' }),
  description,
  authorizerType,
  authorizerConfiguration: z.optional(authorizerConfiguration),
  roleArn,
  clientToken,
  tags,
  kmsKeyArn,
})

export const GetPaymentManagerInput = z.object({ paymentManagerId: resourceId })

export const ListPaymentManagersInput = z.object(page)

export const UpdatePaymentManagerInput = z.object({
  paymentManagerId: resourceId,
  description,
  authorizerType: z.optional(authorizerType),
  authorizerConfiguration: z.optional(authorizerConfiguration),
  roleArn: z.optional(roleArn),
  clientToken,
  kmsKeyArn,
})

export const DeletePaymentManagerInput = z.object({ paymentManagerId: resourceId, clientToken })

const credentialProviderArn = text({
  min: 69,
  max: 2048,
  pattern:
    'arn:(aws|aws-us-gov|aws-cn|aws-iso|aws-iso-b|aws-iso-e|aws-iso-f|aws-eusc):(acps|bedrock-agentcore):[A-Za-z0-9-]{1,64}:[0-9]{12}:token-vault/[a-zA-Z0-9-.]+/paymentcredentialprovider/[a-zA-Z0-9-.]+',
})
const credentialProvider = z.object({ credentialProviderArn })
const vendor = z.enum(['CoinbaseCDP', 'StripePrivy'])
const credentialProviderConfigurations = list(
  union({ coinbaseCDP: credentialProvider, stripePrivy: credentialProvider }),
  0, // QUICK_CREATE takes none.
  1,
)
const connector = { paymentManagerId: resourceId, paymentConnectorId: resourceId }

export const CreatePaymentConnectorInput = z.object({
  paymentManagerId: resourceId,
  name: text({ min: 1, max: 48, pattern: '[a-zA-Z][a-zA-Z0-9_]{0,47}' }),
  description,
  type: vendor,
  credentialProviderConfigurations,
  provisionMode: z.optional(z.enum(['MANUAL', 'QUICK_CREATE'])),
  clientToken,
})

export const GetPaymentConnectorInput = z.object(connector)

export const ListPaymentConnectorsInput = z.object({ ...page, paymentManagerId: resourceId })

export const UpdatePaymentConnectorInput = z.object({
  ...connector,
  description,
  type: z.optional(vendor),
  credentialProviderConfigurations: z.optional(credentialProviderConfigurations),
  clientToken,
})

export const DeletePaymentConnectorInput = z.object({ ...connector, clientToken })

export const RotatePaymentConnectorCredentialsInput = z.object({
  ...connector,
  credentialsToRotate: union({
    coinbaseCDP: z.object({ secrets: list(z.enum(['API_KEY', 'WALLET_SECRET']), 1) }),
  }),
  clientToken,
})

const secret = z.optional(text({ min: 1, max: 2048, pattern: '[a-zA-Z0-9+/=\\-_\\s]+' }))
const secretSource = z.optional(z.enum(['MANAGED', 'EXTERNAL']))
const secretReference = z.optional(
  z.object({ secretId: text({ min: 1 }), jsonKey: text({ min: 1 }) }),
)
const vendorId = text({ min: 1, max: 512, pattern: '[a-zA-Z0-9\\-_]+' })
const providerName = text({ min: 1, max: 128, pattern: '[a-zA-Z0-9\\-_]+' })

const provider = {
  name: providerName,
  credentialProviderVendor: vendor,
  providerConfigurationInput: union({
    coinbaseCdpConfiguration: z.object({
      apiKeyId: vendorId,
      apiKeySecret: secret,
      apiKeySecretSource: secretSource,
      apiKeySecretConfig: secretReference,
      walletSecret: secret,
      walletSecretSource: secretSource,
      walletSecretConfig: secretReference,
    }),
    stripePrivyConfiguration: z.object({
      appId: vendorId,
      appSecret: secret,
      appSecretSource: secretSource,
      appSecretConfig: secretReference,
      authorizationPrivateKey: secret,
      authorizationPrivateKeySource: secretSource,
      authorizationPrivateKeyConfig: secretReference,
      authorizationId: vendorId,
    }),
  }),
}

export const CreatePaymentCredentialProviderInput = z.object({ ...provider, tags })

export const UpdatePaymentCredentialProviderInput = z.object(provider)

export const NamedCredentialProviderInput = z.object({ name: providerName })

export const ListPaymentCredentialProvidersInput = z.object({
  nextToken: z.optional(text()),
  maxResults: z.optional(integer(1, 20)),
})
