import { FUNCTION, interceptor, lambdaTarget, type ReportedGateway } from './aws-api.js'
import { fail, selling, warn, type Planted } from './planted-mistakes.js'

const gatewayOf = (
  name: string,
  gateway: (good: ReportedGateway) => void,
  found: Planted['found'],
  more: Partial<Planted> = {},
): Planted => ({ name, gateway, found, ...more })

export const GATEWAY_MISTAKES: Planted[] = [
  {
    name: 'a Gateway that is not there',
    wish: () => ({ gatewayId: 'unknown-0123456789' }),
    found: fail('gateway', /no Gateway unknown-0123456789/, /list-gateways/),
  },
  {
    name: 'a region that is none',
    wish: () => ({ gatewayId: 'unknown-0123456789', region: 'nowhere' }),
    found: fail('gateway', /expected a region of AWS/, /Mend --region/),
  },
  gatewayOf(
    'credentials without permission',
    (good) => (good.error = 'AccessDeniedException'),
    fail('gateway', /may not read/, /bedrock-agentcore:GetGateway/),
  ),
  gatewayOf(
    'a Gateway that failed',
    ({ gateway }) => Object.assign(gateway, { status: 'FAILED', statusReasons: ['no such role'] }),
    fail('gateway', /is FAILED: no such role/, /Mend the reason/),
  ),
  gatewayOf(
    'a Gateway of HTTP targets',
    ({ gateway }) => delete gateway['protocolType'],
    warn('gateway', /no protocolType/, /httpTargets, and a store/),
  ),
  gatewayOf(
    'a policy engine',
    ({ gateway }) => (gateway['policyEngineConfiguration'] = { arn: 'arn:aws:x', mode: 'ENFORCE' }),
    warn('gateway', /a policy engine decides after/, /forwardAuthorization/),
  ),
  gatewayOf(
    'a Gateway that tells everything',
    ({ gateway }) => (gateway['exceptionLevel'] = 'DEBUG'),
    warn('gateway', /exceptionLevel is DEBUG/, /Leave exceptionLevel out/),
  ),
  gatewayOf(
    'no interceptor',
    ({ gateway }) => delete gateway['interceptorConfigurations'],
    fail('interceptors', /nothing asks for payment/, /Attach the function/),
  ),
  gatewayOf(
    'no interceptor at RESPONSE',
    ({ gateway }) => (gateway['interceptorConfigurations'] = [interceptor('REQUEST')]),
    fail('interceptors', /verified and never settled/, /at RESPONSE, too/),
    { handler: () => selling('{}', 'createLambdaHandler') },
  ),
  gatewayOf(
    'no interceptor at REQUEST',
    ({ gateway }) => (gateway['interceptorConfigurations'] = [interceptor('RESPONSE')]),
    fail('interceptors', /no function is called at REQUEST/, /at REQUEST, too/),
  ),
  gatewayOf(
    'no headers at RESPONSE',
    ({ gateway }) =>
      (gateway['interceptorConfigurations'] = [
        interceptor('REQUEST'),
        interceptor('RESPONSE', { inputConfiguration: { passRequestHeaders: false } }),
      ]),
    fail('interceptors', /passRequestHeaders is not true at RESPONSE/, /to true/),
  ),
  gatewayOf(
    'no input configuration',
    ({ gateway }) => {
      const bare = interceptor('REQUEST')
      delete bare['inputConfiguration']
      gateway['interceptorConfigurations'] = [bare, interceptor('RESPONSE')]
    },
    fail('interceptors', /passRequestHeaders is not true at REQUEST/, /Its default is false/),
  ),
  gatewayOf(
    'two versions of the interceptor',
    ({ gateway }) =>
      (gateway['interceptorConfigurations'] = [
        interceptor('REQUEST'),
        interceptor('RESPONSE', { interceptor: { lambda: { arn: `${FUNCTION}:7` } } }),
      ]),
    warn('interceptors', /different functions or versions/, /Attach one function at both points/),
  ),
  gatewayOf(
    'a wrapped handler at both points',
    () => undefined,
    warn('interceptors', /requiresPayment answers at REQUEST already/, /Leave RESPONSE out/),
    { handler: () => selling('{}') },
  ),
  gatewayOf(
    'no role',
    ({ gateway }) => delete gateway['roleArn'],
    fail('role', /has no role/, /Set roleArn/),
  ),
  gatewayOf(
    'a role that may not call the functions',
    (good) => (good.mayInvoke = false),
    fail('role', /may not call arn:aws:lambda/, /lambda:InvokeFunction/),
  ),
  gatewayOf(
    'a role that trusts another service',
    (good) => (good.trusted = ['lambda.amazonaws.com']),
    fail('role', /the Gateway may not take/, /trust policy/),
  ),
  gatewayOf(
    'a role that is gone',
    ({ gateway }) => (gateway['roleArn'] = 'arn:aws:iam::123456789012:role/gone'),
    fail('role', /there is no role/, /Create the role/),
  ),
  gatewayOf(
    'a function of another region',
    ({ targets }) => {
      targets[0] = lambdaTarget('weather', ['forecast'])
      const { mcp } = targets[0]['targetConfiguration'] as {
        mcp: { lambda: { lambdaArn: string } }
      }
      mcp.lambda.lambdaArn = mcp.lambda.lambdaArn.replace('us-west-2', 'eu-west-1')
    },
    fail('role', /is in eu-west-1, and the Gateway is in us-west-2/, /region of the Gateway/),
  ),
  gatewayOf(
    'no target',
    (good) => (good.targets = []),
    fail('target', /no target/, /Add a target/),
  ),
  gatewayOf(
    'a target that failed',
    ({ targets }) =>
      Object.assign(targets[0] ?? {}, { status: 'FAILED', statusReasons: ['bad schema'] }),
    fail('target', /weather is FAILED: bad schema/, /update or synchronize/),
  ),
  gatewayOf(
    'a schema without headers',
    ({ targets }) => {
      const inputSchema = { type: 'object', properties: { city: { type: 'string' } } }
      const toolSchema = { inlinePayload: [{ name: 'forecast', description: 'x', inputSchema }] }
      const lambda = { lambdaArn: FUNCTION, toolSchema }
      Object.assign(targets[0] ?? {}, { targetConfiguration: { mcp: { lambda } } })
    },
    warn('target', /schema of forecast has no "headers"/, /"type": "object"/),
  ),
  gatewayOf(
    'a target that gets no payment',
    (good) => {
      delete good.gateway['interceptorConfigurations']
      const allowed = (names: string[]) => ({
        metadataConfiguration: { allowedRequestHeaders: names },
      })
      good.targets = [
        lambdaTarget('weather', ['forecast'], allowed(['x-trace'])),
        lambdaTarget('news', ['today'], allowed(['Payment-Signature'])),
      ]
    },
    fail('target', /weather: the header payment-signature does not reach/, /allowedRequestHeaders/),
  ),
  gatewayOf(
    'a tool that the interceptor does not sell',
    ({ targets }) => targets.push(lambdaTarget('news', ['today'])),
    fail('target', /news___today is listed and not sold/, /Add it to the option tools/),
    {
      handler: () =>
        selling(
          '{ planId: undefined, credits: undefined, tools: { weather___forecast: { planId: plan.planId, credits: 1 } } }',
          'createLambdaHandler',
        ),
    },
  ),
]
