import type { IAMClient } from '@aws-sdk/client-iam'
import { isRecord, parseJson } from '../../../wire/json.js'
import { type Finding, findingsOf } from '../finding.js'
import type { ReadGateway } from './read-gateway.js'

const { ok, warn, fail } = findingsOf('role')

/** How long one request may take. Unit: ms. */
const TIMEOUT_MS = 10_000
const ROLE = /^arn:aws[a-z-]{0,20}:iam::(\d{12}):role\/\S{1,512}$/
const FUNCTION = /^arn:aws[a-z-]{0,20}:lambda:([a-z\d-]+):(\d{12}):function:\S{1,140}$/
const INVOKE = 'lambda:InvokeFunction'
const POLICY = `Give the role a policy that allows ${INVOKE} on the ARN of each function, and of its alias or version.`

/** Checks that the Gateway's role may call the functions of its interceptors and targets. */
export async function checkRole(read: ReadGateway): Promise<Finding[]> {
  const { roleArn } = read.gateway
  const functions = functionsOf(read)
  const [, account] = ROLE.exec(roleArn ?? '') ?? []
  if (roleArn === undefined || account === undefined) {
    return [fail('the Gateway has no role, so it can call no function', `Set roleArn. ${POLICY}`)]
  }
  const places = functions.flatMap((arn) => checkPlace(arn, read.gateway.gatewayArn ?? '', account))
  if (places.some(({ level }) => level === 'fail')) return places
  return [...places, ...(await simulate(roleArn, functions))]
}

/** The functions that the Gateway calls. */
function functionsOf({ gateway, targets }: ReadGateway): string[] {
  const ofPoints = (gateway.interceptorConfigurations ?? []).map(
    ({ interceptor }) => interceptor?.lambda?.arn,
  )
  const ofTargets = targets.map(
    ({ targetConfiguration }) => targetConfiguration?.mcp?.lambda?.lambdaArn,
  )
  return [...new Set([...ofPoints, ...ofTargets])].filter((arn) => arn !== undefined)
}

function checkPlace(arn: string, gatewayArn: string, account: string): Finding[] {
  const [, region, owner] = FUNCTION.exec(arn) ?? []
  const [, , , ofGateway] = gatewayArn.split(':')
  if (region === undefined) {
    return [fail(`${arn} is no ARN of a function`, 'Copy the ARN of the function from Lambda.')]
  }
  if (ofGateway !== undefined && region !== ofGateway) {
    return [
      fail(
        `${arn} is in ${region}, and the Gateway is in ${ofGateway}`,
        'Deploy the function in the region of the Gateway.',
      ),
    ]
  }
  if (owner === account) return []
  const what = `${arn} belongs to another account than the role`
  return [warn(what, `Allow the role's ARN in the function's resource policy, too.`)]
}

/**
 * Asks IAM whether the role may call the functions.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
 */
async function simulate(roleArn: string, functions: readonly string[]): Promise<Finding[]> {
  const sdk = await import('@aws-sdk/client-iam').catch(() => undefined)
  if (sdk === undefined) {
    const what = 'whether the role may call the functions was not checked'
    return [warn(what, 'Run: npm install @aws-sdk/client-iam')]
  }
  const iam = new Iam(sdk)
  try {
    const [refused, isTrusted] = await Promise.all([
      iam.refusedTo(roleArn, functions),
      iam.letsGatewaysIn(roleArn),
    ])
    if (refused.length === 0 && isTrusted) return [ok(`${roleArn} may call every function`)]
    return [
      ...refused.map((arn) => fail(`${roleArn} may not call ${arn}`, POLICY)),
      ...(isTrusted ? [] : [fail(`the Gateway may not take ${roleArn}`, TRUST)]),
    ]
  } catch (error) {
    return [unread(roleArn, error)]
  } finally {
    iam.close()
  }
}

const TRUST =
  'Let bedrock-agentcore.amazonaws.com do sts:AssumeRole in the trust policy of the role.'

function unread(roleArn: string, error: unknown): Finding {
  const { name = 'Error' } = error as { name?: string }
  if (name.startsWith('NoSuchEntity')) {
    return fail(
      `there is no role ${roleArn}`,
      'Create the role, or set roleArn to one that exists.',
    )
  }
  const cure =
    'Allow iam:SimulatePrincipalPolicy and iam:GetRole to whoever runs doctor, or look at the role yourself.'
  return warn(`the role cannot be checked (${name})`, cure)
}

type Sdk = typeof import('@aws-sdk/client-iam')

/** What is asked of IAM. Nothing is changed. */
class Iam {
  readonly #sdk: Sdk
  readonly #client: IAMClient

  constructor(sdk: Sdk) {
    this.#sdk = sdk
    this.#client = new sdk.IAMClient({
      requestHandler: {
        connectionTimeout: 5_000,
        requestTimeout: TIMEOUT_MS,
        throwOnRequestTimeout: true,
      },
      // IAM is the same in every region.
      region: process.env['AWS_REGION'] ?? 'us-east-1',
    })
  }

  /** The functions that the role may not call. */
  async refusedTo(roleArn: string, functions: readonly string[]): Promise<string[]> {
    const asked = functions.map(async (arn) => {
      const input = { PolicySourceArn: roleArn, ActionNames: [INVOKE], ResourceArns: [arn] }
      const command = new this.#sdk.SimulatePrincipalPolicyCommand(input)
      const { EvaluationResults: results = [] } = await this.#client.send(command)
      return results.some(({ EvalDecision }) => EvalDecision === 'allowed') ? [] : [arn]
    })
    return (await Promise.all(asked)).flat()
  }

  /** Whether the service of Gateways may take the role. IAM writes policies as URL-encoded JSON. */
  async letsGatewaysIn(roleArn: string): Promise<boolean> {
    const RoleName = roleArn.slice(roleArn.lastIndexOf('/') + 1)
    const { Role } = await this.#client.send(new this.#sdk.GetRoleCommand({ RoleName }))
    const policy = parseJson(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''))
    const statements = isRecord(policy) ? [policy['Statement']].flat() : []
    return statements.some((one) => {
      if (!isRecord(one) || one['Effect'] !== 'Allow' || !isRecord(one['Principal'])) return false
      const services = [one['Principal']['Service']].flat()
      const actions = [one['Action']].flat()
      return services.includes(GATEWAYS) && actions.some((action) => ASSUME.has(String(action)))
    })
  }

  close(): void {
    this.#client.destroy()
  }
}

const GATEWAYS = 'bedrock-agentcore.amazonaws.com'
const ASSUME = new Set(['sts:AssumeRole', 'sts:*', '*'])
