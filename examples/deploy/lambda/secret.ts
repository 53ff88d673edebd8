import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'

/**
 * Reads a secret while the Lambda starts. It is never in an environment variable, where
 * `lambda:GetFunctionConfiguration` would show it. An instance keeps what it read. So after a change of the
 * secret, only instances that start later use the new value.
 *
 * @param variable the environment variable that holds the ARN of the secret
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets.html
 */
export async function readSecret(variable: string): Promise<string> {
  const secretArn = process.env[variable]
  if (!secretArn) throw new Error(`${variable} is not set`)
  const secrets = new SecretsManagerClient({})
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: secretArn }))
  if (!SecretString) throw new Error(`${secretArn} has no SecretString`)
  return SecretString.trim()
}
