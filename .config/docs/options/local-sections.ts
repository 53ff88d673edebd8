import { at, type Area } from './section.js'
import * as give from './wrong-values.js'

export const LOCAL: Area = {
  heading: 'The local stack',
  sections: [
    {
      heading: 'startLocal',
      place: at('local/local-stack.ts', 'LocalOptions'),
      about:
        '`startLocal(options)`. `local.sell(options)` takes `handler`, `interceptor`, `target` and `tools`. Guide: [local stack](local-stack.md).',
    },
    {
      heading: 'The x402 facilitator of startLocal',
      place: at('local/x402/index.ts', 'X402Options'),
      about: 'The option `x402`.',
      path: 'x402.',
      give: give.x402,
    },
    {
      heading: 'The payments service',
      place: at('local/agentcore/options.ts', 'PaymentsServiceOptions'),
      about: '`startPaymentsService(options)`, and the option `paymentsService` of `startLocal`.',
      give: give.paymentsService,
    },
    {
      heading: 'local.accessToken',
      place: at('local/local-stack.ts', 'TokenOptions'),
      about: '`local.accessToken(options)` mints a token of the buyer.',
    },
    {
      heading: 'startGateway',
      place: at('local/gateway/protocol/options.ts', 'GatewayOptions'),
      about: '`startGateway(options)`.',
      give: give.gateway,
    },
    {
      heading: 'Interceptors of startGateway',
      place: at('local/gateway/protocol/options.ts', 'GatewayInterceptor'),
      about: 'The options `requestInterceptor` and `responseInterceptor`.',
      path: 'requestInterceptor.',
      give: give.gatewayInterceptor,
    },
    {
      heading: 'Targets of startGateway',
      place: at('local/gateway/protocol/options.ts', 'GatewayTarget'),
      about:
        'An entry of `targets`: a Lambda (`lambda` and `tools`), an MCP server (`mcp`) or an HTTP server (`http`).',
      path: 'targets[0].',
      give: give.gatewayTarget,
    },
    {
      heading: 'Assumptions of startGateway',
      place: at('local/gateway/protocol/assumptions.ts', 'Assumptions'),
      about: 'The option `assume`: positions on what AWS does not document.',
      path: 'assume.',
      give: give.assumptions,
    },
    {
      heading: 'startFunctionUrl',
      place: at('local/function-url/start-function-url.ts', 'FunctionUrlOptions'),
      about: '`startFunctionUrl(handler, options)` serves a handler over plain HTTP.',
    },
    {
      heading: 'startLambda',
      place: at('local/lambda/settings.ts', 'LambdaProcessOptions'),
      about: '`startLambda(options)` runs a bundle as Lambda does.',
      give: give.lambda,
    },
  ],
}
