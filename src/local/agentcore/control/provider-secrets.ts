import type { infer as Infer } from 'zod/mini'
import { invalid } from '../world/aws-error.js'
import type { CreatePaymentCredentialProviderInput } from './control-plane-shapes.js'
import { secretArn } from '../world/ids.js'
import type { Vendor } from '../world/world.js'

type Configuration = Infer<
  typeof CreatePaymentCredentialProviderInput
>['providerConfigurationInput']

/**
 * For each vendor: the member of the configuration, the fields that are answered as they came, and the
 * secrets.
 */
const VENDORS = {
  CoinbaseCDP: {
    member: 'coinbaseCdpConfiguration',
    plain: ['apiKeyId'],
    secrets: ['apiKeySecret', 'walletSecret'],
  },
  StripePrivy: {
    member: 'stripePrivyConfiguration',
    plain: ['appId', 'authorizationId'],
    secrets: ['appSecret', 'authorizationPrivateKey'],
  },
} as const

/**
 * The configuration as it is answered. ARNs take the place of the secrets, which are not kept.
 *
 * @throws AwsFault ValidationException if the vendor's member or a secret is missing.
 */
export function providerOutput(
  provider: string,
  region: string,
  vendor: Vendor,
  input: Configuration,
): Record<string, unknown> {
  const { member, plain, secrets } = VENDORS[vendor]
  const given: Record<string, unknown> | undefined = input[member]
  if (given === undefined) {
    const message = `Member must have ${member} where credentialProviderVendor is ${vendor}`
    throw invalid([{ name: 'providerConfigurationInput', message }])
  }
  const path = `providerConfigurationInput.${member}`
  const answered = plain.map((name) => [name, given[name]] as const)
  const replaced = secrets.flatMap((name) => {
    const external = externalSecret(`${path}.${name}`, name, given)
    const managed = secretArn(region, provider, name)
    return [
      [`${name}Arn`, { secretArn: external?.secretId ?? managed }] as const,
      [`${name}JsonKey`, external?.jsonKey] as const,
      [`${name}Source`, external === undefined ? 'MANAGED' : 'EXTERNAL'] as const,
    ]
  })
  return { [member]: Object.fromEntries([...answered, ...replaced]) }
}

interface SecretReference {
  secretId: string
  jsonKey: string
}

/** Where the owner keeps a secret; `undefined` if the service is to keep it. */
function externalSecret(
  path: string,
  name: string,
  given: Readonly<Record<string, unknown>>,
): SecretReference | undefined {
  const isExternal = given[`${name}Source`] === 'EXTERNAL'
  const config = given[`${name}Config`] as SecretReference | undefined
  const [wanted, other] = isExternal ? ['Config', ''] : ['', 'Config']
  const source = isExternal ? 'EXTERNAL' : 'MANAGED'
  if (given[name + wanted] === undefined) {
    const message = `Member must not be null where its source is ${source}`
    throw invalid([{ name: path + wanted, message }])
  }
  if (given[name + other] !== undefined) {
    const message = `Member must be absent where its source is ${source}`
    throw invalid([{ name: path + other, message }])
  }
  return isExternal ? config : undefined
}
