import { OptionsError } from '../../../errors/payment-error.js'
import { type Finding, findingsOf, ofFailure } from '../finding.js'
import type { Sold } from '../sold.js'
import { checkInterceptors } from './check-interceptors.js'
import { checkRole } from './check-role.js'
import { checkTargets } from './check-targets.js'
import { type Gateway, type ReadGateway, readGateway } from './read-gateway.js'

const { ok, warn, fail } = findingsOf('gateway')

/** A Gateway of AWS. */
export interface GatewayPlace {
  readonly id: string
  readonly region: string | undefined
}

/** Checks a deployed Gateway by what AWS's API reports of it. Nothing is changed. */
export async function checkGateway(
  place: GatewayPlace,
  sold: Sold | undefined,
): Promise<Finding[]> {
  const read = await readGateway(place.id, place.region).catch((error: unknown) =>
    unread(place, error),
  )
  if ('level' in read) return [read]
  return [
    ...checkItself(read.gateway),
    ...checkInterceptors(read, sold),
    ...(await checkRole(read)),
    ...checkTargets(read, sold),
  ]
}

function unread({ id, region }: GatewayPlace, error: unknown): Finding {
  const { code, errorName, name } = error as { code?: string; errorName?: string; name?: string }
  const kind = `${errorName ?? ''} ${name ?? ''} ${code ?? ''}`
  if (error instanceof OptionsError) return fail(error.message, 'Mend --region, or AWS_REGION.')
  if (code === 'sdk_missing') {
    return fail(
      'the Gateway cannot be read without the SDK of AWS',
      'Run: npm install @aws-sdk/client-bedrock-agentcore-control',
    )
  }
  if (kind.includes('ResourceNotFound')) {
    const where = region === undefined ? 'the region of your AWS settings' : region
    return fail(
      `there is no Gateway ${id} in ${where}`,
      'List them with: aws bedrock-agentcore-control list-gateways. Give --region if it is in another one.',
    )
  }
  if (/AccessDenied/.test(kind)) {
    return fail(
      'these AWS credentials may not read the Gateway',
      'Allow bedrock-agentcore:GetGateway, ListGatewayTargets and GetGatewayTarget.',
    )
  }
  if (/Credentials|ExpiredToken|UnrecognizedClient|InvalidSignature/.test(kind)) {
    return fail('AWS does not know who asks', 'Sign in, or set AWS_PROFILE.')
  }
  return ofFailure('gateway', error, 'the Gateway cannot be read')
}

function checkItself(gateway: Gateway): Finding[] {
  const { name = '', status = '', statusReasons = [], protocolType, exceptionLevel } = gateway
  const found: Finding[] = []
  if (status === 'READY') found.push(ok(`${name} is READY at ${gateway.gatewayUrl ?? 'no URL'}`))
  else {
    const why = statusReasons.length === 0 ? '' : `: ${statusReasons.join('; ')}`
    const cure = /ING$/.test(status)
      ? 'Wait until it is READY.'
      : 'Mend the reason, and update the Gateway.'
    found.push(fail(`${name} is ${status}${why}`, cure))
  }
  // A Gateway without a protocol has HTTP targets.
  if (protocolType === undefined) {
    const cure =
      'Give the interceptor the option httpTargets, and a store: see docs/interceptor.md.'
    found.push(warn('it has no protocolType, so its targets speak HTTP and not MCP', cure))
  }
  if (exceptionLevel === 'DEBUG') {
    found.push(
      warn(
        'its exceptionLevel is DEBUG, so callers read internal errors',
        'Leave exceptionLevel out in production.',
      ),
    )
  }
  return [...found, ...checkCallers(gateway)]
}

/** Who may call is decided before anybody pays. */
function checkCallers({
  authorizerType,
  policyEngineConfiguration: policy,
}: ReadGateway['gateway']): Finding[] {
  const found =
    authorizerType === 'NONE'
      ? [ok('everybody may call (authorizerType NONE), and payment is the only gate')]
      : [ok(`callers are let in by ${authorizerType ?? 'nothing'}`)]
  if (policy === undefined) return found
  const what =
    'a policy engine decides after the interceptor, and a payment that it denies is verified before'
  const cure =
    'Leave forwardAuthorization as it is by default: a payment in Authorization makes the engine fail.'
  return [...found, warn(what, cure)]
}
