import type { GatewayInterceptorConfiguration } from '@aws-sdk/client-bedrock-agentcore-control'
import { type Finding, findingsOf } from '../finding.js'
import type { Sold } from '../sold.js'
import type { ReadGateway } from './read-gateway.js'

const { ok, warn, fail } = findingsOf('interceptors')

/** How the docs attach a function. */
const ATTACH = 'See "Attach the function" in docs/deploying.md.'

/** Checks that the seller's function is called at the right points, with the headers of requests. */
export function checkInterceptors(
  { gateway, targets }: ReadGateway,
  sold: Sold | undefined,
): Finding[] {
  const all = gateway.interceptorConfigurations ?? []
  if (all.length === 0) return [withoutAny(targets)]
  const found = [...checkPoints(all, sold), ...all.flatMap(checkInput)]
  if (found.length > 0) return found
  const points = all.flatMap(({ interceptionPoints = [] }) => interceptionPoints).join(' and ')
  return [ok(`${functionsOf(all).join(', ')} is called at ${points}, with the headers of requests`)]
}

/** Functions behind a target can sell by themselves, if the Gateway lets the payment through. */
function withoutAny(targets: ReadGateway['targets']): Finding {
  const sells = targets.some(({ metadataConfiguration }) =>
    (metadataConfiguration?.allowedRequestHeaders ?? []).some((name) =>
      /^(payment-signature|x-payment)$/i.test(name),
    ),
  )
  if (sells)
    return ok('there is none, so the functions behind the targets have to sell by themselves')
  return fail(
    'there is none, so nothing asks for payment',
    `Attach the function that sells. ${ATTACH}`,
  )
}

function functionsOf(all: readonly GatewayInterceptorConfiguration[]): string[] {
  return [...new Set(all.flatMap(({ interceptor }) => interceptor?.lambda?.arn ?? []))]
}

function checkPoints(
  all: readonly GatewayInterceptorConfiguration[],
  sold: Sold | undefined,
): Finding[] {
  const has = (point: string): boolean =>
    all.some(({ interceptionPoints = [] }) => (interceptionPoints as string[]).includes(point))
  if (!has('REQUEST')) {
    const what = 'no function is called at REQUEST, so targets run before anybody has paid'
    return [fail(what, `Attach the function at REQUEST, too. ${ATTACH}`)]
  }
  if (!has('RESPONSE')) return withoutResponse(sold)
  if (sold?.kind === 'handler') {
    const what = 'a function is called at RESPONSE, and requiresPayment answers at REQUEST already'
    return [
      warn(
        what,
        'Leave RESPONSE out: it costs an invocation for each call. createLambdaHandler needs both.',
      ),
    ]
  }
  if (functionsOf(all).length < 2) return []
  const what = `REQUEST and RESPONSE call different functions or versions: ${functionsOf(all).join(', ')}`
  return [
    warn(what, 'Attach one function at both points. Two need the same options, secret and store.'),
  ]
}

function withoutResponse(sold: Sold | undefined): Finding[] {
  if (sold?.kind === 'handler') return []
  const cure = `Attach the interceptor at RESPONSE, too. ${ATTACH}`
  if (sold?.kind === 'interceptor') {
    return [
      fail('no function is called at RESPONSE, so payments are verified and never settled', cure),
    ]
  }
  const what = 'no function is called at RESPONSE, which is right for requiresPayment only'
  return [warn(what, `${cure} Give --handler, and doctor knows which one it is.`)]
}

function checkInput({
  interceptionPoints = [],
  inputConfiguration,
}: GatewayInterceptorConfiguration): Finding[] {
  const points = interceptionPoints.join(' and ')
  const found: Finding[] = []
  if (inputConfiguration?.passRequestHeaders !== true) {
    const what = `passRequestHeaders is not true at ${points}, so no payment in a header arrives there`
    found.push(
      fail(what, 'Set inputConfiguration.passRequestHeaders to true. Its default is false.'),
    )
  }
  if ((inputConfiguration?.payloadFilter?.exclude ?? []).length > 0) {
    const what = `payloadFilter leaves out parts of the event at ${points}`
    found.push(fail(what, 'Remove payloadFilter: what is sold has to be seen.'))
  }
  return found
}
