import type { Node } from 'constructs'

/** What differs between sellers. It is given as CDK context: `-c planId=…`. */
export interface Settings {
  /** The Nevermined plan that is sold. */
  planId: string
  /** The secret that holds the seller's API key, by its whole ARN. So the policy can name it exactly. */
  apiKeySecretArn: string
  /** The secret that encrypts the table of payments, by its whole ARN. */
  paymentsSecretArn: string
  /**
   * The name of the table of payments. Everything that sells the same plan uses the same table.
   *
   * @default 'x402-payments'
   */
  paymentsTable: string
  /** Who gets an e-mail from the alarms. Without it, subscribe to the topic yourself. */
  alarmEmail?: string
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
const TABLE = /^[a-zA-Z0-9_.-]{3,255}$/

export function readSettings(node: Node): Settings {
  const read = (name: keyof Settings) => node.tryGetContext(name) as string | undefined
  const planId = read('planId')
  const apiKeySecretArn = read('apiKeySecretArn')
  const paymentsSecretArn = read('paymentsSecretArn')
  const paymentsTable = read('paymentsTable') ?? 'x402-payments'
  const alarmEmail = read('alarmEmail')
  const agentId = read('agentId')
  const endpoint = read('endpoint')
  const authorizer = read('authorizer') ?? 'AWS_IAM'
  if (!planId) throw new Error('give the plan: -c planId=…')
  requireSecretArn('apiKeySecretArn', apiKeySecretArn)
  requireSecretArn('paymentsSecretArn', paymentsSecretArn)
  if (!TABLE.test(paymentsTable)) {
    throw new Error('paymentsTable is a name of 3 to 255 characters: letters, digits, _ . -')
  }
  if (alarmEmail && !alarmEmail.includes('@')) throw new Error('alarmEmail is an e-mail address')
  if (agentId && !endpoint) throw new Error('agentId needs endpoint: -c endpoint=…')
  if (authorizer !== 'AWS_IAM' && authorizer !== 'NONE') {
    throw new Error('authorizer is AWS_IAM or NONE')
  }
  return {
    planId,
    apiKeySecretArn,
    paymentsSecretArn,
    paymentsTable,
    ...(alarmEmail && { alarmEmail }),
    ...(agentId && { agentId }),
    ...(endpoint && { endpoint }),
    authorizer,
  }
}

function requireSecretArn(name: string, arn: string | undefined): asserts arn is string {
  if (arn && SECRET_ARN.test(arn)) return
  throw new Error(`give the whole ARN of the secret, six random characters included: -c ${name}=…`)
}
