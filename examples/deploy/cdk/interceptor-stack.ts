import { Stack } from 'aws-cdk-lib'
import { LambdaInterceptor, type CfnGatewayTarget } from 'aws-cdk-lib/aws-bedrockagentcore'
import type { Construct } from 'constructs'
import { lambdaFunction } from './lambda-function.js'
import { paidGateway } from './paid-gateway.js'
import { sellerFunction } from './seller-function.js'
import type { Settings } from './settings.js'
import { forecastTool } from './tool-schema.js'

/** An interceptor before a target that does the work. One Lambda is attached to both points. */
export class InterceptorStack extends Stack {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id)
    const interceptor = sellerFunction(this, 'Interceptor', {
      bundle: 'interceptor',
      settings,
      workSeconds: 5,
    })
    const tool = lambdaFunction(this, 'Tool', { bundle: 'tool', timeoutSeconds: 15 })

    const gateway = paidGateway(this, {
      name: 'x402-interceptor',
      authorizer: settings.authorizer,
      interceptors: [
        LambdaInterceptor.forRequest(interceptor, { passRequestHeaders: true }),
        LambdaInterceptor.forResponse(interceptor, { passRequestHeaders: true }),
      ],
      calls: [interceptor, tool],
    })
    const target = gateway.addLambdaTarget('Weather', {
      gatewayTargetName: 'weather',
      lambdaFunction: tool,
      toolSchema: forecastTool,
    })
    // The construct has no option for this list. It has only what the tool reads. Payments are for the
    // interceptor, which gets every header anyway. A target could spend or log a payment.
    const resource = target.node.defaultChild as CfnGatewayTarget
    resource.metadataConfiguration = { allowedRequestHeaders: ['x-correlation-id'] }
  }
}
