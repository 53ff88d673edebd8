import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'

/**
 * The seller's API key, read while the Lambda starts: it never stands in an environment variable, where
 * `lambda:GetFunctionConfiguration` would show it. An instance keeps what it read, so a rotated key is
 * used by instances that start later.
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
