import { Stack } from 'aws-cdk-lib'
import { LambdaInterceptor } from 'aws-cdk-lib/aws-bedrockagentcore'
import type { Construct } from 'constructs'
import { lambdaFunction } from './lambda-function.js'
import { paidGateway } from './paid-gateway.js'
import { sellerFunction } from './seller-function.js'
import type { Settings } from './settings.js'
import { forecastTool } from './tool-schema.js'

/**
 * A wrapped handler (`requiresPayment`) as REQUEST interceptor. It answers every call, so the target only
 * declares the tools.
 */
export class DecoratorStack extends Stack {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id)
    const paidTool = sellerFunction(this, 'PaidTool', {
      bundle: 'paid-tool',
      settings,
      workSeconds: 10,
    })
    const stub = lambdaFunction(this, 'StubTarget', { bundle: 'stub-target', timeoutSeconds: 3 })

    const gateway = paidGateway(this, {
      name: 'x402-decorator',
      authorizer: settings.authorizer,
      interceptors: [LambdaInterceptor.forRequest(paidTool, { passRequestHeaders: true })],
      calls: [paidTool, stub],
    })
    gateway.addLambdaTarget('Weather', {
      gatewayTargetName: 'weather',
      lambdaFunction: stub,
      toolSchema: forecastTool,
    })
  }
}
