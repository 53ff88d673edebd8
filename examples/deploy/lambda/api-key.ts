import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'

/**
 * Reads the seller's API key while the Lambda starts. The key is never in an environment variable, where
 * `lambda:GetFunctionConfiguration` would show it. An instance keeps the key. So after a change of the key,
 * only instances that start later use the new one.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets.html
 */
export async function readApiKey(secretArn: string | undefined): Promise<string> {
  if (!secretArn) throw new Error('NVM_API_KEY_SECRET_ARN is not set')
  const secrets = new SecretsManagerClient({})
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: secretArn }))
  if (!SecretString) throw new Error(`${secretArn} has no SecretString`)
  return SecretString.trim()
}
