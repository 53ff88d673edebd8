import type { Local } from './local-stack.js'

/** The environment variables that clients of Nevermined's API read. */
export function environment(local: Local): Record<string, string> {
  return {
    NVM_ENVIRONMENT: 'custom',
    NVM_BACKEND_URL: local.url,
    NVM_API_KEY: local.nvmApiKey,
    NVM_SUBSCRIBER_API_KEY: local.subscriberApiKey,
    NVM_PLAN_ID: local.planId,
  }
}

/** The environment variables that sellers for money read, as in the examples. */
export function sellerEnvironment({ x402, sellerAddress }: Local): Record<string, string> {
  return { X402_FACILITATOR_URL: x402.url, PAY_TO: sellerAddress }
}

/** A buyer who holds money. */
export function buyerEnvironment({ x402: { buyer } }: Local): Record<string, string> {
  return { X402_BUYER_ADDRESS: buyer.address, X402_BUYER_KEY: buyer.privateKey }
}

/** The table of payments, for sellers and for the command `agentcore-x402 payments`. */
export function tableEnvironment({ table }: Local): Record<string, string> {
  if (table === undefined) return {}
  return {
    AGENTCORE_X402_TABLE: table.name,
    AGENTCORE_X402_SECRET: table.secret,
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
  }
}

/**
 * What a handler of the user finds in its environment. A table of this machine takes any credentials.
 *
 * @param given the environment so far, whose credentials stay
 */
export function handlerEnvironment(
  local: Local,
  given: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = awsEnvironment(local)
  const needed = {
    ...(given['AWS_REGION'] === undefined && { AWS_REGION }),
    ...(given['AWS_ACCESS_KEY_ID'] === undefined && { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY }),
  }
  return {
    ...environment(local),
    ...sellerEnvironment(local),
    ...tableEnvironment(local),
    ...(local.table && needed),
  }
}

/** The region of everything that the stack makes in the payments service by itself. */
const REGION = 'us-west-2'

/**
 * The environment variables that AWS's SDKs read. AWS's Python library for AgentCore reads variables of its own. It
 * takes only names under `amazonaws.com`, which a hosts file can give to this machine.
 *
 * @see https://github.com/aws/bedrock-agentcore-sdk-python/blob/main/src/bedrock_agentcore/_utils/endpoints.py
 */
export function awsEnvironment({ url, port, paymentsService }: Local): Record<string, string> {
  const { paymentManagerArn, paymentConnectorId } = paymentsService.firstManager()
  return {
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: url,
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL: url,
    BEDROCK_AGENTCORE_DP_ENDPOINT: `http://${PYTHON_HOSTS[0]}:${port}`,
    BEDROCK_AGENTCORE_CP_ENDPOINT: `http://${PYTHON_HOSTS[1]}:${port}`,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    PAYMENT_MANAGER_ARN: paymentManagerArn,
    PAYMENT_CONNECTOR_ID: paymentConnectorId,
  }
}

/** The names under which AWS's Python library calls the payments service: data plane, control plane. */
export const PYTHON_HOSTS = [
  `bedrock-agentcore.${REGION}.amazonaws.com`,
  `bedrock-agentcore-control.${REGION}.amazonaws.com`,
] as const

/** Everything that a program on this machine needs to use the stack. */
export function wholeEnvironment(local: Local): Record<string, string> {
  return {
    ...environment(local),
    ...sellerEnvironment(local),
    ...buyerEnvironment(local),
    ...awsEnvironment(local),
    ...tableEnvironment(local),
  }
}
