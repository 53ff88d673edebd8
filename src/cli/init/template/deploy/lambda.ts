/** What Lambda runs. It reads the seller's key from Secrets Manager, and then loads the handler. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'

const SecretId = process.env.NVM_API_KEY_SECRET_ARN
if (SecretId !== undefined) {
  const secret = await new SecretsManagerClient().send(new GetSecretValueCommand({ SecretId }))
  process.env.NVM_API_KEY = secret.SecretString?.trim()
}

export const { handler } = await import('../src/handler.js')
