import { Aws, CfnOutput } from 'aws-cdk-lib'
import {
  Gateway,
  GatewayAuthorizer,
  GatewayProtocol,
  MCPProtocolVersion,
  type IInterceptor,
} from 'aws-cdk-lib/aws-bedrockagentcore'
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import type { Settings } from './settings.js'

export interface PaidGatewayProps {
  /** The name in lower case: the trust policy matches it in the Gateway's ARN. */
  name: string
  authorizer: Settings['authorizer']
  interceptors: IInterceptor[]
  /** Every Lambda that the Gateway calls: interceptors and targets. */
  calls: IFunction[]
}

export function paidGateway(
  scope: Construct,
  { name, authorizer, interceptors, calls }: PaidGatewayProps,
): Gateway {
  const gateway = new Gateway(scope, 'Gateway', {
    gatewayName: name,
    // The constructs would add `lambda:InvokeFunction` on `<arn>` and `<arn>:*`. The role has the first of
    // these.
    role: gatewayRole(scope, name, calls).withoutPolicyUpdates(),
    // The default would be a Cognito user pool.
    authorizerConfiguration:
      authorizer === 'NONE' ? GatewayAuthorizer.withNoAuth() : GatewayAuthorizer.usingAwsIam(),
    // Version 2025-03-26 is left out, since it has batches. Search is off, since nobody would pay for that
    // tool.
    protocolConfiguration: GatewayProtocol.mcp({
      supportedVersions: [
        MCPProtocolVersion.MCP_2025_06_18,
        MCPProtocolVersion.MCP_2025_11_25,
        MCPProtocolVersion.MCP_2026_07_28,
      ],
    }),
    interceptorConfigurations: interceptors,
    // `exceptionLevel` is not set: DEBUG would show buyers the errors of your Lambdas.
  })
  new CfnOutput(scope, 'GatewayUrl', { value: gateway.gatewayUrl ?? '' })
  new CfnOutput(scope, 'GatewayArn', { value: gateway.gatewayArn })
  return gateway
}

/**
 * The role of this one Gateway. The Gateway's id is its name and ten characters. It may call exactly these
 * Lambdas. The policy is inline, so that it is there before the Gateway is made.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-prerequisites-permissions.html
 */
function gatewayRole(scope: Construct, name: string, calls: IFunction[]): Role {
  const gateways = `arn:${Aws.PARTITION}:bedrock-agentcore:${Aws.REGION}:${Aws.ACCOUNT_ID}:gateway`
  const call = new PolicyStatement({
    actions: ['lambda:InvokeFunction'],
    resources: calls.map(({ functionArn }) => functionArn),
  })
  return new Role(scope, 'GatewayRole', {
    assumedBy: new ServicePrincipal('bedrock-agentcore.amazonaws.com', {
      conditions: {
        StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
        ArnLike: { 'aws:SourceArn': `${gateways}/${name}-??????????` },
      },
    }),
    inlinePolicies: { call: new PolicyDocument({ statements: [call] }) },
  })
}
