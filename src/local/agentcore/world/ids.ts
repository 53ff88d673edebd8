import { randomBytes } from 'node:crypto'

/** The AWS account that everything local belongs to. */
export const ACCOUNT_ID = '123456789012'

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** `<prefix>-` and as many random letters and digits as `length` says. */
export function newId(prefix: string, length: number): string {
  const letters = [...randomBytes(length)].map((byte) => LETTERS[byte % LETTERS.length])
  return `${prefix}-${letters.join('')}`
}

/** The id of a manager or connector, which holds its name. It may have single hyphens, and no underscores. */
export function namedId(name: string): string {
  const plain = name.toLowerCase().replace(/_+/g, '-').replace(/-$/, '')
  return newId(plain, 10)
}

export function managerArn(region: string, id: string): string {
  return `arn:aws:bedrock-agentcore:${region}:${ACCOUNT_ID}:payment-manager/${id}`
}

export function workloadIdentityArn(region: string, id: string): string {
  const directory = 'workload-identity-directory/default/workload-identity'
  return `arn:aws:bedrock-agentcore:${region}:${ACCOUNT_ID}:${directory}/${id}`
}

/** A name may have underscores, but this ARN may not. Dots take their place, since no name has a dot. */
export function credentialProviderArn(region: string, name: string): string {
  const plain = name.replaceAll('_', '.')
  return `arn:aws:acps:${region}:${ACCOUNT_ID}:token-vault/default/paymentcredentialprovider/${plain}`
}

export function secretArn(region: string, provider: string, secret: string): string {
  const suffix = newId('', 6)
  const name = `bedrock-agentcore-identity!default/payments/${provider}/${secret}${suffix}`
  return `arn:aws:secretsmanager:${region}:${ACCOUNT_ID}:secret:${name}`
}
