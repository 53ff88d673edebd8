import { invalid, notFound } from '../world/aws-error.js'
import type { CredentialConfiguration, Vendor, World } from '../world/world.js'

/**
 * Checks that a connector of a type can use the configurations it is given.
 *
 * @throws AwsFault ValidationException or ResourceNotFoundException
 */
export function checkConfigurations(
  world: World,
  type: Vendor,
  configurations: readonly CredentialConfiguration[],
): void {
  const member = type === 'CoinbaseCDP' ? 'coinbaseCDP' : 'stripePrivy'
  configurations.forEach((configuration, i) => {
    const name = `credentialProviderConfigurations.${i}`
    const arn = configuration[member]?.credentialProviderArn
    if (arn === undefined) {
      throw invalid([{ name, message: `Member must have ${member} where type is ${type}` }])
    }
    const provider = [...world.providers.values()].find((one) => one.arn === arn)
    if (provider === undefined) throw notFound(`Payment credential provider not found: ${arn}`)
    if (provider.vendor !== type) {
      throw invalid([{ name, message: `Member must be a provider of ${type}` }])
    }
  })
}

/** The ARN of the provider that a connector uses. */
export function arnIn({ coinbaseCDP, stripePrivy }: CredentialConfiguration): string | undefined {
  return (coinbaseCDP ?? stripePrivy)?.credentialProviderArn
}
