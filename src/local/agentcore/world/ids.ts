import { randomBytes } from 'node:crypto'

/** The account everything local belongs to. */
export const ACCOUNT_ID = '123456789012'

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** `<prefix>-` and so many random letters and digits. */
export function newId(prefix: string, length: number): string {
  const letters = [...randomBytes(length)].map((byte) => LETTERS[byte % LETTERS.length])
  return `${prefix}-${letters.join('')}`
}

/** Managers and connectors carry their name in their id, which allows single hyphens and no underscore. */
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

/** A name may have underscores and the pattern of this ARN may not; dots are free, no name has one. */
export function credentialProviderArn(region: string, name: string): string {
  const plain = name.replaceAll('_', '.')
  return `arn:aws:acps:${region}:${ACCOUNT_ID}:token-vault/default/paymentcredentialprovider/${plain}`
}

export function secretArn(region: string, provider: string, secret: string): string {
  const suffix = newId('', 6)
  const name = `bedrock-agentcore-identity!default/payments/${provider}/${secret}${suffix}`
  return `arn:aws:secretsmanager:${region}:${ACCOUNT_ID}:secret:${name}`
}
