import type { Node } from 'constructs'

/** What differs between sellers. It is given as CDK context: `-c planId=…`. */
export interface Settings {
  /** The Nevermined plan that is sold. */
  planId: string
  /** The secret that holds the seller's API key, by its whole ARN. So the policy can name it exactly. */
  apiKeySecretArn: string
  /** The agent that is registered at Nevermined. It needs `endpoint`. */
  agentId?: string
  /**
   * The `resource.url` of what is sold.
   *
   * @default `mcp://tool/<full tool name>`
   */
  endpoint?: string
  /**
   * Who may reach the Gateway. With `NONE` everybody may, and only the payment protects the tools.
   *
   * @default 'AWS_IAM'
   */
  authorizer: 'AWS_IAM' | 'NONE'
}

const SECRET_ARN = /^arn:[^:]+:secretsmanager:[^:]+:\d{12}:secret:.+-[A-Za-z0-9]{6}$/

export function readSettings(node: Node): Settings {
  const read = (name: keyof Settings) => node.tryGetContext(name) as string | undefined
  const planId = read('planId')
  const apiKeySecretArn = read('apiKeySecretArn')
  const agentId = read('agentId')
  const endpoint = read('endpoint')
  const authorizer = read('authorizer') ?? 'AWS_IAM'
  if (!planId) throw new Error('give the plan: -c planId=…')
  if (!apiKeySecretArn || !SECRET_ARN.test(apiKeySecretArn)) {
    throw new Error(
      'give the whole ARN of the secret, six random characters included: -c apiKeySecretArn=…',
    )
  }
  if (agentId && !endpoint) throw new Error('agentId needs endpoint: -c endpoint=…')
  if (authorizer !== 'AWS_IAM' && authorizer !== 'NONE') {
    throw new Error('authorizer is AWS_IAM or NONE')
  }
  return {
    planId,
    apiKeySecretArn,
    ...(agentId && { agentId }),
    ...(endpoint && { endpoint }),
    authorizer,
  }
}
